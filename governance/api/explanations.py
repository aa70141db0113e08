"""How an explanation is represented."""

from typing import Any

from django.db.models import TextChoices
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.parts.representations import Representation
from governance.posture.requests.applicable_policies import ApplicablePolicy
from governance.posture.requests.claims import Agreement
from governance.posture.requests.context_keys import KeySource, KeyValue
from governance.posture.requests.denial_answers import (
    AnsweredLevel,
    AnsweredPolicy,
    AnsweredStatement,
    AssumptionKind,
    WhyDeniedAnswer,
)
from governance.posture.requests.gaps import RequestGap
from governance.presentation.decision_wording import summary
from governance.presentation.statement_text import statement_lines
from policies.evaluation.layers import Decider
from policies.evaluation.verdict import Decision, DecisionOutcome


class DecisionName(TextChoices):
    """What becomes of a request."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit_deny"
    IMPLICIT_DENY = "implicit_deny"
    UNKNOWN = "unknown"


_NAMES = {
    DecisionOutcome.ALLOWED: DecisionName.ALLOWED,
    DecisionOutcome.EXPLICIT_DENY: DecisionName.EXPLICIT_DENY,
    DecisionOutcome.IMPLICIT_DENY: DecisionName.IMPLICIT_DENY,
    DecisionOutcome.UNKNOWN: DecisionName.UNKNOWN,
}
DECIDERS = [(decider.value, decider.value) for decider in Decider]


class DecisionRepresentation(serializers.Serializer[Any]):
    """A decision and which types of policy it rests on."""

    decision = serializers.SerializerMethodField()
    decided_by = serializers.ListField(child=serializers.ChoiceField(choices=DECIDERS))
    unknown_keys = serializers.ListField(
        child=serializers.CharField(), help_text="Keys on whose value it depends."
    )

    def get_decision(self, decision: Decision) -> DecisionName:
        """Return its name."""
        return _NAMES[decision.decision]


class ReasonRepresentation(serializers.Serializer[Any]):
    """An element of a statement."""

    element = serializers.CharField()
    holds = serializers.BooleanField(allow_null=True, help_text="Null: not known.")
    text = serializers.CharField()


class ExplainedStatementRepresentation(serializers.Serializer[Any]):
    """A statement, and what became of it."""

    sid = serializers.CharField(source="trace.sid", allow_null=True)
    number = serializers.SerializerMethodField(help_text="From 1, in its policy.")
    effect = serializers.CharField(source="trace.effect")
    matched = serializers.BooleanField(
        source="trace.matched", allow_null=True, help_text="Null: not known."
    )
    decides = serializers.BooleanField()
    because = ReasonRepresentation(source="trace.because", many=True)

    def get_number(self, statement: AnsweredStatement) -> int:
        """Return its place."""
        return statement.trace.statement + 1


class DecidingLinesRepresentation(serializers.Serializer[Any]):
    """Where a statement stands in the text that AWS returned."""

    statement = serializers.IntegerField(help_text="From 1.")
    first_line = serializers.IntegerField()
    last_line = serializers.IntegerField()


class ApplicablePolicyRepresentation(serializers.Serializer[Any]):
    """A policy where it bears."""

    kind = serializers.CharField(help_text="scp, rcp, managed, inline, boundary or trust.")
    name = serializers.CharField()
    policy_id = serializers.SerializerMethodField(help_text="Of an SCP or RCP.")
    arn = serializers.SerializerMethodField(help_text="Of a managed policy.")
    via_group = serializers.SerializerMethodField()

    def get_policy_id(self, policy: ApplicablePolicy) -> str | None:
        """Return the id, None for other policies."""
        return policy.policy_id or None

    def get_arn(self, policy: ApplicablePolicy) -> str | None:
        """Return the ARN, None for other policies."""
        return policy.arn or None

    def get_via_group(self, policy: ApplicablePolicy) -> str | None:
        """Return the group it comes from."""
        return policy.via_group or None


class ExplainedPolicyRepresentation(serializers.Serializer[Any]):
    """A policy with its statements. `text` is given where a statement of it decides."""

    policy = ApplicablePolicyRepresentation()
    decides = serializers.BooleanField()
    statements = ExplainedStatementRepresentation(many=True)
    text = serializers.SerializerMethodField()
    deciding_lines = serializers.SerializerMethodField()

    def get_text(self, answered: AnsweredPolicy) -> str | None:
        """Return the text as AWS returned it."""
        return answered.policy.text if answered.decides else None

    @extend_schema_field(DecidingLinesRepresentation(many=True))
    def get_deciding_lines(self, answered: AnsweredPolicy) -> Any:
        """Return the lines of what decides."""
        found = []
        for statement in answered.statements:
            if statement.decides:
                first, last = statement_lines(answered.policy.text, statement.written.path)
                number = statement.trace.statement + 1
                found.append({"statement": number, "first_line": first, "last_line": last})
        return DecidingLinesRepresentation(found, many=True).data


class AwsRuleRepresentation(serializers.Serializer[Any]):
    """A rule by which AWS itself decides, whatever policies say."""

    text = serializers.CharField()
    documented_in = serializers.CharField(
        source="source", help_text="The pages of AWS's documentation."
    )


class ExplainedLevelRepresentation(serializers.Serializer[Any]):
    """One place where policies are attached, or a rule of AWS's own."""

    decider = serializers.ChoiceField(choices=DECIDERS)
    target_id = serializers.CharField(
        source="target.target_id", default=None, help_text="Of an SCP or RCP level."
    )
    target_name = serializers.CharField(source="target.name", default=None)
    result = serializers.SerializerMethodField(help_text="Null: it does not bind; see `exempt`.")
    exempt = serializers.CharField(allow_null=True)
    rule = AwsRuleRepresentation(
        allow_null=True, help_text="Set where no policy but AWS itself decides."
    )
    decides = serializers.BooleanField()
    policies = ExplainedPolicyRepresentation(many=True)
    unreadable = ApplicablePolicyRepresentation(
        many=True, help_text="Policies here that cannot be read, and so may say anything."
    )

    def get_result(self, level: AnsweredLevel) -> DecisionName | None:
        """Return what this level comes to by itself."""
        return _NAMES[level.result] if level.result else None


class GapRepresentation(serializers.Serializer[Any]):
    """Something that applies to the request and is not known."""

    code = serializers.CharField()
    decider = serializers.ChoiceField(choices=DECIDERS)
    target_id = serializers.CharField(allow_null=True)
    text = serializers.CharField()
    would_decide = serializers.CharField(help_text="What to do to know it.")
    matters = serializers.SerializerMethodField(help_text="Whether it can turn the decision.")

    def get_matters(self, gap: RequestGap) -> bool:
        """Whether it is among those that can."""
        return gap in self.context["answer"].gaps


class KeyRepresentation(serializers.Serializer[Any]):
    """A condition key that was given or that a statement reads."""

    name = serializers.CharField()
    known_from = serializers.ChoiceField(
        source="source", choices=[source.value for source in KeySource]
    )
    values = serializers.ListField(child=serializers.CharField())
    read_by_a_statement = serializers.BooleanField(source="asked")
    decides = serializers.SerializerMethodField(help_text="Whether the decision depends on it.")

    def get_decides(self, key: KeyValue) -> bool:
        """Whether it is among the unknown keys of the decision."""
        return key.name.lower() in self.context["answer"].decision.unknown_keys


class AssumptionRepresentation(serializers.Serializer[Any]):
    """Something taken for granted."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in AssumptionKind])
    text = serializers.CharField()


class ClaimRepresentation(serializers.Serializer[Any]):
    """What AWS said, held against the trace."""

    agreement = serializers.ChoiceField(choices=[one.value for one in Agreement])
    said = serializers.CharField()
    found = serializers.CharField()


class AskedRepresentation(serializers.Serializer[Any]):
    """The request that was explained."""

    principal = serializers.CharField(source="principal.text")
    action = serializers.CharField()
    resource = serializers.CharField()
    resource_account_id = serializers.CharField(allow_null=True)


class ExplanationRepresentation(Representation):
    """Why a request is denied or allowed."""

    decision = DecisionRepresentation()
    summary = serializers.SerializerMethodField()
    without_gaps = DecisionRepresentation(
        allow_null=True, help_text="What is known alone would decide; null: the same."
    )
    request = AskedRepresentation()
    levels = ExplainedLevelRepresentation(many=True)
    gaps = serializers.SerializerMethodField()
    keys = serializers.SerializerMethodField()
    assumptions = AssumptionRepresentation(many=True)
    claim = ClaimRepresentation(allow_null=True, help_text="Null: no text with a denial was given.")
    notes = serializers.SerializerMethodField(help_text="What was taken out of the text, and how.")
    page = serializers.SerializerMethodField(help_text="The same on a screen.")

    def get_summary(self, answer: WhyDeniedAnswer) -> str:
        """Return it in a sentence."""
        return summary(answer)

    @extend_schema_field(GapRepresentation(many=True))
    def get_gaps(self, answer: WhyDeniedAnswer) -> Any:
        """Return what is not known, what matters first."""
        return GapRepresentation(
            (*answer.gaps, *answer.other_gaps), many=True, context={"answer": answer}
        ).data

    @extend_schema_field(KeyRepresentation(many=True))
    def get_keys(self, answer: WhyDeniedAnswer) -> Any:
        """Return the condition keys."""
        return KeyRepresentation(answer.keys, many=True, context={"answer": answer}).data

    def get_notes(self, _: WhyDeniedAnswer) -> list[str]:
        """Return the notes of the reading."""
        notes: list[str] = self.context["notes"]
        return notes

    def get_page(self, _: WhyDeniedAnswer) -> str:
        """Return the address of the page."""
        page: str = self.context["page"]
        return page
