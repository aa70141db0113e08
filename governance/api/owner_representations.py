"""Representations of owners, labels and grants."""

from dataclasses import dataclass
from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from governance.access.owners.environments import Criticality, Environment
from governance.access.owners.labels import LabelSource, TargetLabel
from governance.access.owners.models import GrantProposal
from governance.access.owners.parties import PartyKind
from governance.access.owners.standing import OwnerSource, StandingOwner, TargetOwners
from governance.access.owners.targets import ACCOUNT, ORGANIZATIONAL_UNIT, ROOT, OwnedTarget
from governance.api.parts.representations import Representation

OWNER_KINDS: Final = [(kind.value, kind.value) for kind in PartyKind]
OWNER_SOURCES: Final = [(source.value, source.value) for source in OwnerSource]
LABEL_SOURCES: Final = [(source.value, source.value) for source in LabelSource]
TARGET_TYPES: Final = [(kind, kind) for kind in (ROOT, ORGANIZATIONAL_UNIT, ACCOUNT)]
ENVIRONMENTS: Final = [(one.value, one.value) for one in Environment]
CRITICALITIES: Final = [(one.value, one.value) for one in Criticality]


@dataclass(frozen=True, slots=True)
class OwnedRow:
    """A target as the API tells it. `protected`: approvals treat it as production."""

    target: OwnedTarget
    found: TargetOwners
    environment: TargetLabel
    criticality: TargetLabel
    protected: bool

    @property
    def target_id(self) -> str:
        """The id, by which lists are ordered."""
        return self.target.target_id


class OwnerPartyRepresentation(serializers.Serializer[Any]):
    """A person or a group that owns something."""

    kind = serializers.ChoiceField(choices=OWNER_KINDS, source="party.key.kind")
    name = serializers.CharField(source="party.name", help_text="User name, or the group's name.")
    email = serializers.CharField(source="party.email", help_text="Empty for groups.")
    active = serializers.SerializerMethodField(
        help_text="False: the person has left, or nobody is in the group."
    )
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=OWNER_SOURCES, help_text="Set manually, from a file, or by a tag."
    )
    tag = serializers.CharField(help_text="`key=value`; empty unless a tag names the owner.")
    confirmed = serializers.BooleanField(
        help_text="By a second person, or for a tag by security. Owners from tags, and those of "
        "production, count for approvals only then."
    )
    recertify_by = serializers.DateTimeField(source="due_at", allow_null=True)

    def get_active(self, owner: StandingOwner) -> bool:
        """Return whether someone active is behind it."""
        return not owner.party.has_left


class LabelRepresentation(serializers.Serializer[Any]):
    """An environment or a criticality."""

    value = serializers.CharField(allow_null=True, help_text="Null: not known.")
    source = serializers.ChoiceField(choices=LABEL_SOURCES)  # type: ignore[assignment]
    target_id = serializers.CharField(
        source="stands_at.target_id",
        default=None,
        allow_null=True,
        help_text="Where it is set, tagged or named so.",
    )
    said = serializers.CharField(source="source_words", help_text="The source in words.")


class TargetOwnersRepresentation(Representation):
    """The owners and labels of a root, OU or account."""

    target_id = serializers.CharField(source="target.target_id")
    target_type = serializers.ChoiceField(choices=TARGET_TYPES, source="target.kind")
    name = serializers.CharField(source="target.name")
    url = serializers.SerializerMethodField()
    owners = OwnerPartyRepresentation(
        many=True,
        source="found.owners",
        help_text="The nearest owners, at the target or above; empty: none.",
    )
    owners_at = serializers.CharField(
        source="found.stands_at.target_id",
        default=None,
        allow_null=True,
        help_text="Where they are set; null: no owner.",
    )
    approvers = OwnerPartyRepresentation(
        many=True,
        source="found.entitled",
        help_text="Owners who count for approvals; they may be set further up.",
    )
    approvers_at = serializers.CharField(
        source="found.entitled_at.target_id", default=None, allow_null=True
    )
    environment = LabelRepresentation()
    criticality = LabelRepresentation()
    treated_as_production = serializers.BooleanField(
        source="protected", help_text="Also where the environment is not known."
    )

    def get_url(self, row: OwnedRow) -> str:
        """Return the address of the target's owners."""
        address: str = reverse(
            "api:target-owners",
            kwargs={"slug": self.context["slug"], "target_id": row.target_id},
            request=self.context["request"],
        )
        return address


class GivenOwner(serializers.Serializer[Any]):
    """Someone who is to own something: a person or a group."""

    person = serializers.CharField(required=False, max_length=300, help_text="User name or e-mail.")
    group = serializers.CharField(required=False, max_length=150)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check that exactly one of both is given."""
        if len(attrs) != 1:
            raise serializers.ValidationError("give either person or group")
        return attrs


class GivenOwners(serializers.Serializer[Any]):
    """What the owners and labels of a target are to be."""

    owners = GivenOwner(many=True, help_text="All owners set manually; none: it inherits.")
    environment = serializers.ChoiceField(
        choices=ENVIRONMENTS,
        required=False,
        allow_null=True,
        help_text="Null: it inherits; left out: it stays.",
    )
    criticality = serializers.ChoiceField(choices=CRITICALITIES, required=False, allow_null=True)
    reason = serializers.CharField(required=False, max_length=300, allow_blank=True, default="")


class AddedOwner(GivenOwner):
    """An owner to add."""

    reason = serializers.CharField(required=False, max_length=300, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check that either a person or a group is given."""
        super().validate({name: one for name, one in attrs.items() if name != "reason"})
        return attrs


class OwnersFile(serializers.Serializer[Any]):
    """A file of owners and labels."""

    format = serializers.ChoiceField(choices=[("csv", "csv"), ("yaml", "yaml")])
    content = serializers.CharField(
        trim_whitespace=False,
        max_length=2_000_000,
        help_text="Columns or names: target, owner, environment, criticality. At most 5,000 "
        "entries.",
    )
    dry_run = serializers.BooleanField(
        default=False, help_text="Only return what it would change and what is wrong."
    )


class FileErrorRepresentation(serializers.Serializer[Any]):
    """What is wrong in a line of a file."""

    line = serializers.IntegerField(source="number")
    detail = serializers.CharField(source="message")


class OwnersImportRepresentation(Representation):
    """What a file changed, or would change."""

    applied = serializers.BooleanField()
    owners_changed = serializers.IntegerField(help_text="Targets whose manually set owners differ.")
    labels_changed = serializers.IntegerField()
    unchanged = serializers.IntegerField(help_text="Targets in the file that do not change.")
    waiting = serializers.IntegerField(
        help_text="Targets whose new owners count once a second person has confirmed."
    )
    errors = FileErrorRepresentation(many=True)  # type: ignore[assignment]


class GrantRepresentation(Representation):
    """What someone proposed and a second person decides."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(choices=GrantProposal.Kind.choices)
    state = serializers.ChoiceField(choices=GrantProposal.State.choices)
    what = serializers.CharField(
        help_text="The role, `owner`, the label's value, the group to join, what a claim gives, or "
        "by what a recovered account decides."
    )
    organization = serializers.CharField(
        source="connection.slug", default=None, allow_null=True, help_text="Null: everywhere."
    )
    target_id = serializers.SerializerMethodField(help_text="Null: all of it.")
    person = serializers.CharField(source="user.username", default=None, allow_null=True)
    group = serializers.CharField(source="group.name", default=None, allow_null=True)
    reason = serializers.CharField()
    proposed_by = serializers.CharField(
        source="proposed_by.username", default=None, allow_null=True
    )
    proposed_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    decided_by = serializers.CharField(source="decided_by.username", default=None, allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_note = serializers.CharField()
    without_second_person = serializers.BooleanField(
        source="by_command", help_text="Confirmed by a command on the server."
    )

    def get_url(self, proposal: GrantProposal) -> str:
        """Return the grant's address."""
        address: str = reverse(
            "api:grant", kwargs={"grant_id": proposal.pk}, request=self.context["request"]
        )
        return address

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_target_id(self, proposal: GrantProposal) -> str | None:
        """Return the target."""
        return proposal.target_id or None


class GrantDecision(serializers.Serializer[Any]):
    """Why a grant is decided so."""

    note = serializers.CharField(required=False, max_length=500, allow_blank=True, default="")
