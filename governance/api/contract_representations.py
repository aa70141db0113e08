"""How contracts are represented, and what bodies about them hold."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from governance.api.agreement_representations import AgreementApprovalsRepresentation
from governance.api.parts.representations import BodyRepresentation, Representation
from governance.contracts.models import TrustContract
from governance.contracts.terms import (
    LONGEST_PURPOSE,
    LONGEST_VALUE,
    MOST_ACTIONS,
    SourceKind,
    TargetKind,
)
from policies.trust import GuardKind

_LARGEST_FILE: Final = 1_000_000
GUARD_CHOICES: Final = [(guard.value, guard.value) for guard in GuardKind]
_SOURCES: Final = [kind.value for kind in SourceKind]
_TARGETS: Final = [kind.value for kind in TargetKind]


class ContractSourceRepresentation(BodyRepresentation):
    """From whom a crossing may come."""

    kind = serializers.ChoiceField(choices=_SOURCES)
    value = serializers.CharField(
        max_length=LONGEST_VALUE,
        required=False,
        allow_blank=True,
        default="",
        help_text="An id or unique name of an account or OU; an ARN or pattern of a role or user; "
        "an external party's name; a provider's host or ARN; a service principal; o-…; * for "
        "everyone.",
    )
    tenant = serializers.CharField(
        max_length=LONGEST_VALUE,
        required=False,
        allow_blank=True,
        help_text="Of an identity provider, such as a GitHub organization; left out: any.",
    )


class ContractTargetRepresentation(BodyRepresentation):
    """Into what."""

    kind = serializers.ChoiceField(choices=_TARGETS)
    value = serializers.CharField(
        max_length=LONGEST_VALUE,
        help_text="An id or unique name of an account or OU, an ARN or pattern, an environment.",
    )


class NewContractRepresentation(serializers.Serializer[Any]):
    """What a contract agrees to."""

    to = ContractTargetRepresentation()
    actions = serializers.ListField(
        child=serializers.CharField(),
        help_text=f"Patterns of the actions allowed at most. At most {MOST_ACTIONS}.",
    )
    guards = serializers.ListField(
        child=serializers.ChoiceField(choices=GUARD_CHOICES),
        required=False,
        help_text="Kinds of guards that must be present and hold.",
    )
    purpose = serializers.CharField(max_length=LONGEST_PURPOSE)
    until = serializers.DateField(
        required=False, allow_null=True, help_text="The last day; null: no end."
    )
    replaces = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="Number of the active contract that ends once this one is active.",
    )

    def get_fields(self) -> dict[str, Any]:
        """Add `from`, which is no name in Python."""
        return {"from": ContractSourceRepresentation(), **super().get_fields()}


class ContractPatchRepresentation(NewContractRepresentation):
    """What is to become of a contract; what is left out stays."""

    def get_fields(self) -> dict[str, Any]:
        """Return the fields, none of them needed."""
        fields = super().get_fields()
        del fields["replaces"]
        for one in fields.values():
            one.required = False
        return fields


class ContractSummaryRepresentation(Representation):
    """A contract as lists show it."""

    number = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=TrustContract.State.choices)
    version = serializers.IntegerField(help_text="Grows with each edit.")
    to = ContractTargetRepresentation(source="target")
    actions = serializers.ListField(child=serializers.CharField())
    guards = serializers.ListField(child=serializers.CharField())
    purpose = serializers.CharField()
    until = serializers.DateField(allow_null=True, help_text="The last day; null: no end.")
    digest = serializers.CharField(help_text="SHA-256 over all of it; an approval binds it.")
    target_ids = serializers.ListField(
        child=serializers.CharField(), help_text="Accounts, OUs or root that it gives access to."
    )
    edge_count = serializers.IntegerField(help_text="Edges that it covers now.")
    declared_by = serializers.CharField(source="declared_by.username")
    declared_at = serializers.DateTimeField()
    proposed_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField(allow_blank=True)
    replaces = serializers.IntegerField(source="replaces.number", default=None, allow_null=True)
    updated_at = serializers.DateTimeField()

    def get_fields(self) -> dict[str, Any]:
        """Add `from`, which is no name in Python."""
        source = ContractSourceRepresentation(source="source")
        return {"from": source, **super().get_fields()}

    def get_url(self, contract: TrustContract) -> str:
        """Return the address of the contract."""
        address: str = reverse(
            "api:contract",
            kwargs={"slug": self.context["slug"], "contract_number": contract.number},
            request=self.context["request"],
        )
        return address


class ContractPageRepresentation(Representation):
    """A page of contracts."""

    results = ContractSummaryRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class ContractRepresentation(ContractSummaryRepresentation, AgreementApprovalsRepresentation):
    """A contract."""

    edge_keys = serializers.SerializerMethodField(
        help_text="Of the edges that it covers, or would cover, and that you may see."
    )

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_edge_keys(self, _contract: TrustContract) -> list[str]:
        """Return the keys of the edges."""
        keys: list[str] = self.context["edge_keys"]
        return keys


class ContractFileRepresentation(BodyRepresentation):
    """A file of contracts."""

    content = serializers.CharField(
        trim_whitespace=False, max_length=_LARGEST_FILE, help_text="YAML: a list of contracts."
    )
    submit = serializers.BooleanField(default=False, help_text="Propose new contracts immediately.")
    dry_run = serializers.BooleanField(
        default=False, help_text="Only return what it would declare and what is wrong."
    )


class ContractLineErrorRepresentation(serializers.Serializer[Any]):
    """What is wrong in a line of a file of contracts."""

    line = serializers.IntegerField()
    detail = serializers.CharField(source="message")


class ContractImportRepresentation(Representation):
    """What a file of contracts declared, or would declare."""

    applied = serializers.BooleanField()
    declared = serializers.ListField(
        child=serializers.IntegerField(), help_text="Numbers of the contracts that were made."
    )
    new = serializers.IntegerField(help_text="Contracts in the file that do not exist yet.")
    unchanged = serializers.ListField(
        child=serializers.IntegerField(), help_text="Numbers of those that already exist."
    )
    errors = ContractLineErrorRepresentation(many=True)  # type: ignore[assignment]


class ContractExportRepresentation(Representation):
    """Contracts as a file."""

    name = serializers.CharField()
    media_type = serializers.CharField()
    text = serializers.CharField(help_text="YAML that an import reads as the same contracts.")
