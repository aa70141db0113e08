"""/owners: whose each root, OU and account is, their labels, and files of both."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.owners.files import UnreadableFile, file_lines
from governance.access.owners.gaps import owner_gaps
from governance.access.owners.importing import (
    CannotImport,
    ImportPreview,
    import_preview,
    owners_import,
)
from governance.access.owners.labelling import CannotLabel, label_set
from governance.access.owners.models.labels import LabelKind
from governance.access.owners.ownerships import CannotOwn, owners_set
from governance.access.owners.parties import PartyKey, PartyKind, read_parties
from governance.access.owners.reading import OwnersState, owners_state
from governance.access.owners.standing import OwnerSource
from governance.api.owner_representations import (
    CRITICALITIES,
    ENVIRONMENTS,
    TARGET_TYPES,
    AddedOwner,
    GivenOwners,
    OwnedRow,
    OwnersFile,
    OwnersImportRepresentation,
    TargetOwnersRepresentation,
)
from governance.api.parts.endpoints import DetailEndpoint, OrganizationEndpoint
from governance.api.parts.memory_lists import MemoryListEndpoint, chosen
from governance.api.parts.problems import INVALID, PERMISSION_DENIED, Problem
from governance.api.parts.representations import read_body
from inventory.models import Account
from inventory.viewing import whole_targets

_TOPIC = "Owners"
_GAPS = ("unowned", "left", "unconfirmed", "unnamed", "overdue")


class OwnersEndpoint(OrganizationEndpoint):
    """What all addresses about owners have in common."""

    topic = _TOPIC

    @cached_property
    def seen(self) -> frozenset[str] | None:
        """The targets that may be seen, None: all."""
        return whole_targets(self.viewer, self.connection)

    def sees(self, target_id: str) -> bool:
        """Whether a target may be seen."""
        return self.seen is None or target_id in self.seen

    def row(self, state: OwnersState, target_id: str) -> OwnedRow:
        """Return a target's row.

        :raises Problem: there is no such target, or it may not be seen.
        """
        found = state.owners.at(target_id)
        if found is None or not self.sees(target_id):
            raise self.missing(f"root, OU or account {target_id}")
        return OwnedRow(
            found.target,
            found,
            state.labels.environment(target_id),
            state.labels.criticality(target_id),
            state.labels.is_protected(target_id),
        )


class OwnerList(OwnersEndpoint, MemoryListEndpoint):
    """The owners of every target."""

    rights = {"GET": rights.VIEW_INVENTORY}
    representation = TargetOwnersRepresentation
    queryset = Account.objects.none()
    collectors = ("organizations.accounts", "organizations.organizational_units")
    shows_tables = ("Account", "OrganizationalUnit")
    sort_keys = {"target_id": lambda row: row.target_id}
    usual_ordering = "target_id"
    own_parameters = (
        OpenApiParameter(
            "gap",
            OpenApiTypes.STR,
            enum=_GAPS,
            many=True,
            description="Only targets with one of these gaps. unowned: nobody owns the account. "
            "left: an owner there is deactivated, or a group with nobody in it. unconfirmed: an "
            "owner there does not count yet. unnamed: the tag names nobody. overdue: to be "
            "recertified.",
        ),
        OpenApiParameter(
            "owner", OpenApiTypes.STR, description="Only of this user name, e-mail or group."
        ),
        OpenApiParameter(
            "environment",
            OpenApiTypes.STR,
            enum=[*dict(ENVIRONMENTS), "unknown"],
            many=True,
            description="Only of these environments.",
        ),
        OpenApiParameter(
            "criticality", OpenApiTypes.STR, enum=list(dict(CRITICALITIES)), many=True
        ),
        OpenApiParameter("target_type", OpenApiTypes.STR, enum=list(dict(TARGET_TYPES)), many=True),
        OpenApiParameter(
            "under",
            OpenApiTypes.STR,
            description="Id of a root or OU: it and everything below it.",
        ),
    )

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List roots, OUs and accounts with their owners and labels."""
        return self.respond()

    def context(self, rows: Sequence[Any]) -> dict[str, Any]:
        """Give the slug for addresses."""
        return {"slug": self.connection.slug}

    def found(self) -> list[OwnedRow]:
        """Return the targets that the filters leave."""
        state = owners_state(self.connection, as_of=self.as_of)
        query = self.request.query_params
        ids = [one for one in state.tree.by_id if self.sees(one)]
        if gaps := chosen(self.request, "gap", {gap: gap for gap in _GAPS}):
            kept = owner_gaps(state, seen=self.seen, now=self.as_of or self.now)
            wanted = {
                getattr(one, "target", one).target_id for gap in gaps for one in getattr(kept, gap)
            }
            ids = [one for one in ids if one in wanted]
        if under := query.get("under"):
            below = {one.target_id for one in state.tree.below(under)}
            ids = [one for one in ids if one in below]
        rows = [self.row(state, one) for one in ids]
        types = chosen(self.request, "target_type", dict(TARGET_TYPES))
        environments = chosen(
            self.request, "environment", {**dict(ENVIRONMENTS), "unknown": "unknown"}
        )
        criticalities = chosen(self.request, "criticality", dict(CRITICALITIES))
        owner = query.get("owner", "").strip().casefold()
        return [
            row
            for row in rows
            if (not types or row.target.kind in types)
            and (not environments or (row.environment.value or "unknown") in environments)
            and (not criticalities or row.criticality.value in criticalities)
            and (not owner or _is_owned_by(row, owner))
        ]


def _is_owned_by(row: OwnedRow, words: str) -> bool:
    return any(
        words in (one.party.name.casefold(), one.party.email.casefold()) for one in row.found.owners
    )


class TargetOwnersEndpoint(OwnersEndpoint, DetailEndpoint):
    """The owners and labels of one target."""

    rights = {
        "GET": rights.VIEW_INVENTORY,
        "PUT": rights.MANAGE_OWNERS,
        "POST": rights.MANAGE_OWNERS,
        "DELETE": rights.MANAGE_OWNERS,
    }
    representation = TargetOwnersRepresentation

    @property
    def takes(self) -> Any:
        """What the method takes."""
        return {"PUT": GivenOwners, "POST": AddedOwner}.get(self.request.method or "")

    @property
    def answers(self) -> dict[int, OpenApiResponse]:
        """What a change answers with."""
        if self.request.method == "DELETE":
            return {204: OpenApiResponse(description="It inherits, or its tag counts.")}
        return {
            200: OpenApiResponse(TargetOwnersRepresentation(), description="The current state.")
        }

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get the owners and labels of a root, OU or account."""
        state = owners_state(self.connection, as_of=self.as_of, target_ids={kwargs["target_id"]})
        row = self.row(state, kwargs["target_id"])
        return self.answer(self.serialized(row, slug=self.connection.slug))

    def put(self, request: Request, /, **kwargs: Any) -> Response:
        """Set the owners by hand, and the labels that are given.

        In production, or where that is not known, a new owner counts for approvals once a second
        person has confirmed; so does an environment that takes something out of production.
        """
        target_id, values = kwargs["target_id"], read_body(GivenOwners, request)
        self._require_seen(target_id)
        parties = [
            named_party(owner, pointer=f"owners/{number}")
            for number, owner in enumerate(values["owners"])
        ]
        with transaction.atomic():
            self._set(target_id, parties, values["reason"])
            for kind in LabelKind:
                if kind.value in values:
                    self._label(target_id, kind, values[kind.value] or "", values["reason"])
        return self._now_is(target_id)

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Add an owner by hand to those that are there."""
        given = read_body(AddedOwner, request)
        target_id = kwargs["target_id"]
        self._require_seen(target_id)
        state = owners_state(self.connection, target_ids={target_id})
        present = [
            one.party.key
            for one in state.owners.standing.get(target_id, ())
            if one.source is not OwnerSource.TAG
        ]
        added = named_party(given, pointer="")
        self._set(target_id, [*present, added], given.get("reason", ""))
        return self._now_is(target_id)

    def delete(self, request: Request, /, **kwargs: Any) -> Response:
        """Take the owners by hand away: it inherits, or its tag counts."""
        self._require_seen(kwargs["target_id"])
        self._set(kwargs["target_id"], [], "")
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _require_seen(self, target_id: str) -> None:
        self.row(owners_state(self.connection, target_ids={target_id}), target_id)

    def _now_is(self, target_id: str) -> Response:
        row = self.row(owners_state(self.connection, target_ids={target_id}), target_id)
        return Response(self.serialized(row, slug=self.connection.slug))

    def _set(self, target_id: str, parties: list[PartyKey], reason: str) -> None:
        try:
            owners_set(
                by=self.by,
                connection=self.connection,
                target_id=target_id,
                parties=parties,
                reason=reason,
                now=self.now,
            )
        except CannotOwn as error:
            raise ValidationError({"owners": [str(error)]}) from error
        except MayNot as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error

    def _label(self, target_id: str, kind: LabelKind, value: str, reason: str) -> None:
        try:
            label_set(
                by=self.by,
                connection=self.connection,
                target_id=target_id,
                kind=kind,
                value=value,
                reason=reason,
                now=self.now,
            )
        except CannotLabel as error:
            raise ValidationError({kind.value: [str(error)]}) from error


def named_party(given: dict[str, Any], *, pointer: str) -> PartyKey:
    """Return whom a body names.

    :raises ValidationError: nobody, or more than one.
    """
    kind = PartyKind.PERSON if "person" in given else PartyKind.GROUP
    words = given["person"] if kind is PartyKind.PERSON else f"group:{given['group']}"
    key = read_parties(set(), words={words}).named(words)
    if key is None or key.kind is not kind:
        name = f"{pointer}/{kind}" if pointer else kind.value
        raise ValidationError({name: [f"there is no such {kind}"]})
    return key


class OwnersImport(OwnersEndpoint):
    """A file of owners and labels."""

    rights = {"POST": rights.MANAGE_OWNERS}
    representation = OwnersImportRepresentation
    takes = OwnersFile
    answers = {200: OpenApiResponse(OwnersImportRepresentation(), description="Applied, or tried.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Apply a file of owners and labels: all of it, or nothing.

        With `dry_run` it only says what would change, and what is wrong by line.
        """
        values = read_body(OwnersFile, request)
        try:
            lines = file_lines(values["content"].encode(), name=f"api.{values['format']}")
        except UnreadableFile as error:
            raise ValidationError({"content": [str(error)]}) from error
        if values["dry_run"]:
            return self._imported(import_preview(self.connection, lines, by=self.by), applied=False)
        try:
            done = owners_import(
                by=self.by, connection=self.connection, lines=lines, name="", now=self.now
            )
        except CannotImport as error:
            raise Problem(
                INVALID,
                str(error),
                errors=[
                    {"pointer": "#/content", "detail": f"line {one.number}: {one.message}"}
                    for one in error.errors
                ],
            ) from error
        except MayNot as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
        return self._imported(done, applied=True)

    def _imported(self, preview: ImportPreview, *, applied: bool) -> Response:
        return Response(
            self.serialized(
                {
                    "applied": applied,
                    "owners_changed": len(preview.owners),
                    "labels_changed": len(preview.labels),
                    "unchanged": preview.unchanged,
                    "waiting": sum(change.waits for change in preview.owners),
                    "errors": preview.changes.errors,
                }
            )
        )
