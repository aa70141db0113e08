"""Representations of guardrails, their versions, their results and their remedies."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from governance.api.parts.representations import Representation
from governance.baseline.guardrails.documents import GuardrailSeverity, GuardrailTopic
from governance.baseline.guardrails.files import guardrail_file
from governance.baseline.guardrails.models import GuardrailResult
from governance.baseline.guardrails.selectors import GuardrailOverview, proof_of

GUARDRAIL_TOPICS: Final = [(one.value, one.value) for one in GuardrailTopic]
GUARDRAIL_SEVERITIES: Final = [(one.value, one.value.capitalize()) for one in GuardrailSeverity]
GUARDRAIL_OUTCOMES: Final = [
    (name, name) for name in ("fails", "undecided", "not_covered", "excepted", "holds")
]


class OutcomeCountsRepresentation(serializers.Serializer[Any]):
    """How many accounts are how. What an exception covers counts as excepted alone."""

    fails = serializers.IntegerField()
    undecided = serializers.IntegerField()
    not_covered = serializers.IntegerField()
    excepted = serializers.IntegerField()
    holds = serializers.IntegerField()


class GuardrailSummaryRepresentation(Representation):
    """A guardrail as lists show it."""

    guardrail_id = serializers.CharField(source="guardrail.id")
    url = serializers.SerializerMethodField()
    title = serializers.CharField(source="guardrail.document.title")
    topic = serializers.ChoiceField(source="guardrail.document.topic", choices=GUARDRAIL_TOPICS)
    severity = serializers.ChoiceField(
        source="guardrail.document.severity", choices=GUARDRAIL_SEVERITIES
    )
    about = serializers.CharField(
        source="guardrail.document.kind", help_text="effect, state, or effect and state."
    )
    version = serializers.IntegerField(
        source="guardrail.version", help_text="0: as shipped, and nobody touched it."
    )
    enabled = serializers.BooleanField(source="guardrail.enabled")
    is_shipped = serializers.BooleanField(source="guardrail.is_shipped")
    is_changed = serializers.BooleanField(
        source="guardrail.is_changed", help_text="A shipped one that says something else here."
    )
    worst = serializers.ChoiceField(
        source="counts.worst",
        choices=GUARDRAIL_OUTCOMES,
        allow_blank=True,
        help_text="The worst in any account that you may see; empty: none is in scope.",
    )
    counts = OutcomeCountsRepresentation()
    read_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was last evaluated; null: never."
    )
    problem = serializers.CharField(
        allow_blank=True, help_text="Why it cannot be decided, such as a parameter without value."
    )

    def get_url(self, overview: GuardrailOverview) -> str:
        """Return the address of the guardrail."""
        address: str = reverse(
            "api:guardrail",
            kwargs={"slug": self.context["slug"], "guardrail_id": overview.guardrail.id},
            request=self.context["request"],
        )
        return address


class GuardrailRepresentation(GuardrailSummaryRepresentation):
    """A guardrail."""

    document = serializers.SerializerMethodField(help_text="As its file has it, as JSON.")
    text = serializers.SerializerMethodField(help_text="Its file, as YAML.")
    reason = serializers.CharField(source="guardrail.reason", allow_blank=True)
    made_by = serializers.CharField(source="guardrail.made_by", allow_blank=True)
    made_at = serializers.DateTimeField(source="guardrail.made_at", allow_null=True)

    @extend_schema_field({"type": "object"})
    def get_document(self, overview: GuardrailOverview) -> dict[str, Any]:
        """Return the document."""
        return overview.guardrail.document.as_json()

    @extend_schema_field(serializers.CharField())
    def get_text(self, overview: GuardrailOverview) -> str:
        """Return the file."""
        return guardrail_file(overview.guardrail.document)


class GuardrailPageRepresentation(Representation):
    """A page of guardrails."""

    results = GuardrailSummaryRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class GuardrailResultRepresentation(Representation):
    """What is found of a guardrail in one account."""

    account_id = serializers.CharField()
    account_name = serializers.CharField(allow_null=True)
    outcome = serializers.ChoiceField(choices=GuardrailResult.ResultOutcome.choices)
    excepted_by = serializers.SerializerMethodField(
        help_text="Number of the exception that covers it; null: none does."
    )
    because = serializers.SerializerMethodField()
    counterexample = serializers.SerializerMethodField(
        help_text="A request that gets past, as `explain` takes it; null: there is none."
    )
    keys = serializers.SerializerMethodField(help_text="Context keys that leave it undecided.")
    read = serializers.SerializerMethodField(help_text="What was read, where, of a state.")
    since = serializers.DateTimeField(source="seen_from")

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_excepted_by(self, result: GuardrailResult) -> int | None:
        """Return the number."""
        found: int | None = self.context["excepted"].get(result.pk)
        return found

    @extend_schema_field(serializers.CharField())
    def get_because(self, result: GuardrailResult) -> str:
        """Return the sentence."""
        return str(proof_of(result)["because"])

    @extend_schema_field({"type": "object", "nullable": True})
    def get_counterexample(self, result: GuardrailResult) -> Any:
        """Return the request."""
        return proof_of(result)["counterexample"]

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_keys(self, result: GuardrailResult) -> Any:
        """Return the keys."""
        return proof_of(result)["keys"]

    @extend_schema_field({"type": "array", "items": {"type": "object"}})
    def get_read(self, result: GuardrailResult) -> Any:
        """Return the rows."""
        return proof_of(result)["read"]


class GuardrailResultPageRepresentation(Representation):
    """A page of results."""

    results = GuardrailResultRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class TriedResultRepresentation(serializers.Serializer[Any]):
    """What would be found in one account."""

    account_id = serializers.CharField()
    outcome = serializers.ChoiceField(choices=GuardrailResult.ResultOutcome.choices)
    because = serializers.CharField()
    counterexample = serializers.JSONField(allow_null=True)
    keys = serializers.ListField(child=serializers.CharField())


class TriedGuardrailRepresentation(Representation):
    """What would be found of a guardrail; nothing is stored."""

    document = serializers.JSONField()
    accounts = serializers.IntegerField(help_text="In its scope, of those that you may see.")
    counts = OutcomeCountsRepresentation()
    problem = serializers.CharField(allow_blank=True)
    results = TriedResultRepresentation(many=True)


class GuardrailSchemaRepresentation(Representation):
    """The JSON Schema of a guardrail's file."""

    schema = serializers.JSONField()


class GuardrailRemedyRepresentation(Representation):
    """What makes a guardrail hold, simulated."""

    text = serializers.CharField(help_text="What to do.")
    operations = serializers.JSONField(help_text="As a simulation or a change request takes them.")
    before = OutcomeCountsRepresentation()
    after = OutcomeCountsRepresentation()
    problem = serializers.CharField(
        allow_blank=True, help_text="Why no policy makes it hold; empty: one does."
    )
