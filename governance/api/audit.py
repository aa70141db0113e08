"""/audit-events and /audit-checkpoints: who did what, and the proof that it stands in the log."""

from functools import cached_property
from typing import Any

from django_filters import Filter, FilterSet, IsoDateTimeFilter, NumberFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.access.viewers import viewer_with
from governance.api.parts.endpoints import Endpoint
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.permissions import token_of
from governance.api.parts.problems import CONFLICT, NOT_FOUND, Problem
from governance.api.parts.representations import Representation
from governance.audit.actions import label_of
from governance.audit.models import AuditCheckpoint, AuditEntry
from governance.audit.proofs import (
    NotProvable,
    consistency_proof,
    entry_proof,
    growth_document,
    proof_document,
)
from governance.audit.selectors import audit_entries
from governance.filtering.audit import AuditFilters
from inventory.viewing import Viewer

_LARGEST: int = 2**63 - 1


def _type_of(one: Filter) -> OpenApiTypes:
    if isinstance(one, NumberFilter):
        return OpenApiTypes.INT
    return OpenApiTypes.DATETIME if isinstance(one, IsoDateTimeFilter) else OpenApiTypes.STR


def filter_parameters(filters: type[FilterSet]) -> tuple[OpenApiParameter, ...]:
    """Return the filters of a set as query parameters for the documentation."""
    found = []
    for name, one in filters.base_filters.items():
        choices = [value for value, _ in one.extra.get("choices", ())]
        found.append(
            OpenApiParameter(
                name,
                _type_of(one),
                description=one.extra.get("help_text", ""),
                enum=choices or None,
                many=bool(choices),
                explode=True if choices else None,
                style="form" if choices else None,
            )
        )
    return tuple(found)


class AuditEventRepresentation(Representation):
    """One act on record."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    recorded_at = serializers.DateTimeField()
    action = serializers.CharField(help_text="The act as `subject.verb`.")
    action_label = serializers.SerializerMethodField(help_text="The act as a label.")
    outcome = serializers.ChoiceField(choices=AuditEntry.Outcome.choices)
    actor_kind = serializers.ChoiceField(choices=AuditEntry.ActorKind.choices)
    actor_id = serializers.IntegerField(allow_null=True, help_text="Of the person; null: none.")
    actor_name = serializers.CharField()
    on_behalf_of = serializers.CharField(help_text="Empty: for themselves.")
    token_id = serializers.IntegerField(allow_null=True, help_text="Null: without a token.")
    session = serializers.CharField(help_text="A digest that tells sessions apart; may be empty.")
    address = serializers.CharField(help_text="IP address; empty: not over the network.")
    request_id = serializers.CharField()
    object_kind = serializers.CharField()
    object_id = serializers.CharField()
    object_name = serializers.CharField()
    connection_id = serializers.IntegerField(allow_null=True)
    target_id = serializers.CharField(help_text="Account or OU; empty: none.")
    before = serializers.JSONField(allow_null=True, help_text="Fields as they were.")
    after = serializers.JSONField(allow_null=True, help_text="Fields as they became.")
    position = serializers.SerializerMethodField(
        help_text="Place in the tree, from 0; null: not sealed yet."
    )

    def get_url(self, entry: AuditEntry) -> str:
        """Return the entry's address."""
        return reverse(
            "api:audit-event", kwargs={"entry_id": entry.pk}, request=self.context["request"]
        )

    def get_action_label(self, entry: AuditEntry) -> str:
        """Return the act in words."""
        return label_of(entry.action)

    @extend_schema_field({"type": "integer", "nullable": True})
    def get_position(self, entry: AuditEntry) -> int | None:
        """Return the place in the tree."""
        leaf = getattr(entry, "leaf", None)
        return None if leaf is None else leaf.position


class AuditEventPageRepresentation(Representation):
    """A page of acts on record."""

    results = AuditEventRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class AuditProofRepresentation(Representation):
    """Proof that one entry is in the log, for `docs/verify_audit.py entry`."""

    format = serializers.CharField()
    entry = serializers.CharField(help_text="The entry's JSON, byte for byte as it was hashed.")
    position = serializers.IntegerField()
    tree_size = serializers.IntegerField()
    hashes = serializers.ListField(
        child=serializers.CharField(), help_text="SHA-256 in hex, from the leaf upward."
    )
    checkpoint = serializers.CharField(help_text="A signed note, as https://c2sp.org has them.")
    public_key = serializers.CharField(help_text="The key that signed; keep your own copy.")


class CheckpointRepresentation(Representation):
    """What the log was at a time, signed."""

    number = serializers.IntegerField()
    tree_size = serializers.IntegerField(help_text="How many entries it covers.")
    root_hash = serializers.SerializerMethodField(help_text="In hex.")
    made_at = serializers.DateTimeField()
    note = serializers.CharField(help_text="What is signed, and the signature.")
    public_key = serializers.CharField()

    def get_root_hash(self, checkpoint: AuditCheckpoint) -> str:
        """Return the root in hex."""
        return bytes(checkpoint.root_hash).hex()


class CheckpointPageRepresentation(Representation):
    """A page of checkpoints."""

    results = CheckpointRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class ConsistencyRepresentation(Representation):
    """That a checkpoint holds all of an earlier one, for `docs/verify_audit.py growth`."""

    format = serializers.CharField()
    earlier = serializers.CharField(help_text="The earlier checkpoint's note.")
    later = serializers.CharField(help_text="The later checkpoint's note.")
    hashes = serializers.ListField(child=serializers.CharField(), help_text="SHA-256 in hex.")
    public_key = serializers.CharField()


class AuditEndpoint(Endpoint):
    """What all of this has in common."""

    topic = "Audit"
    rights = {"GET": rights.VIEW_AUDIT}

    @cached_property
    def audit_viewer(self) -> Viewer:
        """What of the log the asker may read."""
        return viewer_with(self.request.user, rights.VIEW_AUDIT, token=token_of(self.request))

    def entry(self) -> AuditEntry:
        """Return the entry of the address.

        :raises Problem: there is none, or not in the asker's places.
        """
        entry_id = self.kwargs["entry_id"]
        found = None
        if entry_id <= _LARGEST:
            found = audit_entries(self.audit_viewer).filter(pk=entry_id).first()
        if found is None:
            raise Problem(NOT_FOUND, f"there is no audit event {entry_id} that you may see")
        return found

    def checkpoint(self, number: int) -> AuditCheckpoint:
        """Return a checkpoint.

        :raises Problem: there is none of this number.
        """
        found = None
        if number <= _LARGEST:
            found = AuditCheckpoint.objects.filter(number=number).first()
        if found is None:
            raise Problem(NOT_FOUND, f"there is no checkpoint {number}")
        return found


class AuditEventList(AuditEndpoint):
    """The acts on record."""

    representation = AuditEventRepresentation
    page_representation = AuditEventPageRepresentation
    own_parameters = filter_parameters(AuditFilters)
    orderings = {
        "recorded_at": by("recorded_at", "id"),
        "id": by("id"),
        "action": by("action", "id"),
        "object_name": by("object_name", "id"),
        "actor_name": by("actor_name", "id"),
        "outcome": by("outcome", "id"),
    }
    usual_ordering = "-recorded_at"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request) -> Response:
        """List what people, programs and commands did, the latest first."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        filters = AuditFilters(request.query_params, queryset=audit_entries(self.audit_viewer))
        if not filters.is_valid():
            raise ValidationError(filters.errors)
        page = page_of(filters.qs, asked)
        return self.respond_with(page, self.serialized(page.rows, many=True))


class AuditEventDetail(AuditEndpoint):
    """One act on record."""

    representation = AuditEventRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one act."""
        return self.answer(self.serialized(self.entry()))


class AuditEventProof(AuditEndpoint):
    """The proof of one act."""

    representation = AuditProofRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Prove that an entry is in the log, without the rest of it. 409 until it is sealed and a
        checkpoint covers it: a few minutes at most.
        """
        try:
            document = proof_document(entry_proof(self.entry()))
        except NotProvable as error:
            raise Problem(CONFLICT, str(error)) from error
        return self.answer(self.serialized(document))


class AuditCheckpointList(AuditEndpoint):
    """The checkpoints."""

    representation = CheckpointRepresentation
    page_representation = CheckpointPageRepresentation
    orderings = {"number": by("number")}
    usual_ordering = "-number"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request) -> Response:
        """List the checkpoints, the latest first. They hold sizes and hashes, and no entry."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        page = page_of(AuditCheckpoint.objects.all(), asked)
        return self.respond_with(page, self.serialized(page.rows, many=True))


class AuditCheckpointDetail(AuditEndpoint):
    """One checkpoint."""

    representation = CheckpointRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one checkpoint, with the public key that verifies it."""
        return self.answer(self.serialized(self.checkpoint(self.kwargs["checkpoint_number"])))


class AuditCheckpointConsistency(AuditEndpoint):
    """The proof that the log only grew."""

    representation = ConsistencyRepresentation
    own_parameters = (
        OpenApiParameter(
            "since",
            {"type": "integer", "minimum": 1},
            description="Number of the earlier checkpoint; default: the first.",
        ),
    )

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Prove that a checkpoint holds everything that an earlier one does."""
        later = self.checkpoint(self.kwargs["checkpoint_number"])
        earlier = self.checkpoint(self._since())
        if earlier.number > later.number:
            raise ValidationError({"since": [f"checkpoint {later.number} is the earlier one"]})
        document = growth_document(consistency_proof(earlier, later))
        return self.answer(self.serialized(document))

    def _since(self) -> int:
        given = self.request.query_params.get("since", "1")
        if not (given.isascii() and given.isdecimal() and 1 <= int(given) <= _LARGEST):
            raise ValidationError({"since": ["give the number of a checkpoint"]})
        return int(given)
