"""How exceptions are represented, and what bodies about them hold."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from governance.api.agreement_representations import AgreementApprovalsRepresentation
from governance.api.parts.representations import BodyRepresentation, Representation
from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.exceptions.selectors import days_left
from governance.baseline.exceptions.terms import MOST_PRINCIPALS, MOST_TARGETS

_LONGEST_TEXT: Final = 4000


class NewExceptionRepresentation(BodyRepresentation):
    """What is asked for."""

    guardrail_id = serializers.CharField(max_length=80)
    kind = serializers.ChoiceField(choices=GuardrailException.Kind.choices)
    targets = serializers.ListField(
        child=serializers.CharField(max_length=140),
        help_text=f"Ids of accounts, OUs or the root, {MOST_TARGETS} at most.",
    )
    principals = serializers.ListField(
        child=serializers.CharField(max_length=2048),
        required=False,
        help_text=f"ARN patterns that it is for, {MOST_PRINCIPALS} at most; none: everyone.",
    )
    reason = serializers.CharField(max_length=_LONGEST_TEXT)
    mitigation = serializers.CharField(
        max_length=_LONGEST_TEXT,
        required=False,
        allow_blank=True,
        help_text="What does the guardrail's work instead; needed for mitigated.",
    )
    owner = serializers.CharField(
        max_length=150, required=False, help_text="A user name; left out: yours."
    )
    until = serializers.DateField(help_text="The last day on which it holds.")


class ExceptionPatchRepresentation(NewExceptionRepresentation):
    """What is to become of an exception; what is left out stays."""

    def get_fields(self) -> dict[str, Any]:
        """Return the fields, none of them needed."""
        fields = super().get_fields()
        for one in fields.values():
            one.required = False
        return fields


class ExceptionSummaryRepresentation(Representation):
    """An exception as lists show it."""

    number = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    guardrail_id = serializers.CharField()
    kind = serializers.ChoiceField(choices=GuardrailException.Kind.choices)
    state = serializers.ChoiceField(choices=GuardrailException.State.choices)
    version = serializers.IntegerField(help_text="Grows with each edit.")
    targets = serializers.ListField(source="target_ids", child=serializers.CharField())
    principals = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField()
    mitigation = serializers.CharField(allow_blank=True)
    owner = serializers.CharField(source="owner.username")
    until = serializers.DateField()
    days_left = serializers.SerializerMethodField(help_text="The last day included; 0: over.")
    digest = serializers.CharField(help_text="SHA-256 over all of it; an approval binds it.")
    asked_by = serializers.CharField(source="asked_by.username")
    asked_at = serializers.DateTimeField()
    proposed_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField(allow_blank=True)
    used_at = serializers.DateTimeField(
        allow_null=True, help_text="When its guardrail was last seen failing there; null: never."
    )
    use_count = serializers.IntegerField(help_text="Accounts in which it is used now.")

    def get_url(self, exception: GuardrailException) -> str:
        """Return the address of the exception."""
        address: str = reverse(
            "api:exception",
            kwargs={"slug": self.context["slug"], "exception_number": exception.number},
            request=self.context["request"],
        )
        return address

    @extend_schema_field(serializers.IntegerField())
    def get_days_left(self, exception: GuardrailException) -> int:
        """Return how many days it holds yet."""
        return days_left(exception, today=self.context["today"])


class ExceptionRepresentation(ExceptionSummaryRepresentation, AgreementApprovalsRepresentation):
    """An exception."""

    proof = serializers.JSONField(
        help_text="What becomes possible, for whom: computed when it was written or submitted."
    )
    accounts = serializers.SerializerMethodField(help_text="Accounts in which it is used now.")

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_accounts(self, exception: GuardrailException) -> list[str]:
        """Return the ids of the accounts."""
        return sorted(exception.uses.values_list("account_id", flat=True))


class ExceptionPageRepresentation(Representation):
    """A page of exceptions."""

    results = ExceptionSummaryRepresentation(many=True)
    next = serializers.URLField(allow_null=True)
