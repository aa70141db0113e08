"""Effective policies as the API shows them: settings and who set them, AWS's answer, no effect."""

from dataclasses import asdict
from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.parts.representations import CoverageSummaryRepresentation, Representation
from governance.posture.effective.targets import (
    EffectiveAtTarget,
    EffectiveSource,
    EffectiveState,
)
from inventory.selectors.effective_policies import EffectiveAnswer
from policies.management import Contribution

STATES: Final = [state.value for state in EffectiveState]
SOURCES: Final = [source.value for source in EffectiveSource]


class ContributionRepresentation(serializers.Serializer[Any]):
    """What one policy at one level does to a setting."""

    target_id = serializers.CharField(help_text="The level: a root, an OU or an account.")
    policy_id = serializers.CharField()
    operator = serializers.CharField(help_text="Such as @@assign.")
    values = serializers.ListField(child=serializers.CharField())


class EffectiveSettingRepresentation(serializers.Serializer[Any]):
    """A setting in effect."""

    path = serializers.ListField(child=serializers.CharField(), help_text="Names from the root on.")
    values = serializers.ListField(child=serializers.CharField())
    is_list = serializers.BooleanField()
    set_by = ContributionRepresentation(
        many=True, help_text="Empty where what is attached does not give this value."
    )
    is_certain = serializers.BooleanField(
        help_text="false: two policies of a level set it, and which was attached first decides."
    )
    allowed_below = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="Operators that lower levels may use; null: not known.",
    )


class DifferenceRepresentation(serializers.Serializer[Any]):
    """A setting that AWS gives otherwise than the operators do. Null: not set there."""

    path = serializers.ListField(child=serializers.CharField())
    aws = serializers.ListField(child=serializers.CharField(), allow_null=True)
    computed = serializers.ListField(child=serializers.CharField(), allow_null=True)


class EffectivePolicyProblemRepresentation(serializers.Serializer[Any]):
    """Something that a policy says and that does not come to be, or cannot be read."""

    kind = serializers.CharField(help_text="not_allowed, conflict or unreadable.")
    target_id = serializers.CharField()
    policy_id = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField())
    message = serializers.CharField()


class AwsAnswerRepresentation(serializers.Serializer[Any]):
    """When AWS was asked."""

    asked_at = serializers.DateTimeField(
        allow_null=True, help_text="Null: after the time looked back to."
    )
    account_id = serializers.CharField(
        help_text="The account asked for; it has the same policies on its way."
    )
    policy_updated_at = serializers.DateTimeField(
        allow_null=True, help_text="When AWS last updated its answer."
    )
    seen_from = serializers.DateTimeField(
        help_text="Start of the run that first found it in this state."
    )
    text = serializers.CharField(
        allow_null=True, help_text="AWS's answer as it is; null: there is no such policy."
    )


class NotToldRepresentation(serializers.Serializer[Any]):
    """Why AWS's answer is missing."""

    state = serializers.CharField(
        help_text="Of coverage; unknown: never asked; empty: no active account to ask for."
    )
    message = serializers.CharField()
    remedy = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class EffectiveRepresentation(Representation):
    """What the policies of one type amount to."""

    policy_type = serializers.CharField(help_text="AWS's policy type, such as TAG_POLICY.")
    state = serializers.ChoiceField(
        choices=STATES,
        help_text=(
            "not_enabled: the type is off. not_collected: its policies were never read completely. "
            "nothing_attached: no level has one. unknown: a policy on the way cannot be relied "
            "on, and AWS was not asked. known: see `document`."
        ),
    )
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=SOURCES,
        allow_null=True,
        help_text="aws: AWS's own answer. computed: from what is attached, by operators.",
    )
    document = serializers.JSONField(
        allow_null=True, help_text="The effective policy as JSON; null: none, or not known."
    )
    settings = serializers.SerializerMethodField()
    differences = serializers.SerializerMethodField(
        help_text="Where AWS's answer is not what the operators of the attached policies give."
    )
    problems = serializers.SerializerMethodField()
    asked = serializers.SerializerMethodField()
    not_told = serializers.SerializerMethodField()

    # Plain values and no serializers within: a page has many thousand of them.
    @extend_schema_field(EffectiveSettingRepresentation(many=True))
    def get_settings(self, effective: EffectiveAtTarget) -> list[dict[str, Any]]:
        """Return what is set, and by what."""
        return [
            {
                "path": one.path,
                "values": one.values,
                "is_list": one.is_list,
                "set_by": [_contribution(made) for made in one.set_by],
                "is_certain": one.is_certain,
                "allowed_below": None if one.allowed_below is None else sorted(one.allowed_below),
            }
            for one in effective.settings
        ]

    @extend_schema_field(DifferenceRepresentation(many=True))
    def get_differences(self, effective: EffectiveAtTarget) -> list[dict[str, Any]]:
        """Return where Differs from AWS."""
        return [
            {"path": one.path, "aws": one.aws, "computed": one.computed}
            for one in effective.differences
        ]

    @extend_schema_field(EffectivePolicyProblemRepresentation(many=True))
    def get_problems(self, effective: EffectiveAtTarget) -> list[dict[str, Any]]:
        """Return what has no effect, and what is wrong with texts that cannot be relied on."""
        return [
            {
                "kind": one.kind.value,
                "target_id": one.target_id,
                "policy_id": one.policy_id,
                "path": one.path,
                "message": one.message,
            }
            for one in effective.problems
        ] + [
            {
                "kind": "unreadable",
                "target_id": target_id,
                "policy_id": policy.policy_id,
                "path": [],
                "message": diagnostic.message,
            }
            for target_id, policy in effective.unreadable
            for diagnostic in policy.diagnostics
        ]

    @extend_schema_field(AwsAnswerRepresentation(allow_null=True))
    def get_asked(self, effective: EffectiveAtTarget) -> Any:
        """Return AWS's answer and when it was given."""
        answer: EffectiveAnswer | None = effective.answer
        return None if answer is None else asdict(answer)

    @extend_schema_field(NotToldRepresentation(allow_null=True))
    def get_not_told(self, effective: EffectiveAtTarget) -> Any:
        """Return why AWS's answer is missing."""
        why = effective.not_told
        return None if why is None else asdict(why)


def _contribution(made: Contribution) -> dict[str, Any]:
    return {
        "target_id": made.target_id,
        "policy_id": made.policy_id,
        "operator": made.operator,
        "values": made.values,
    }


class EffectiveOfAccountRepresentation(EffectiveRepresentation):
    """What the policies of one type amount to at one account."""

    account_id = serializers.CharField(source="target_id")


class AccountsBelowRepresentation(serializers.Serializer[Any]):
    """How many accounts at any depth below an OU come to the same."""

    total = serializers.IntegerField()
    alike = serializers.IntegerField(help_text="As an account placed right in the OU.")
    other = serializers.IntegerField()
    unknown = serializers.IntegerField(help_text="Not known, there or in the OU.")


class EffectiveOfUnitRepresentation(EffectiveRepresentation):
    """What an account would get that is placed in an OU and has no policy of its own."""

    accounts_below = serializers.SerializerMethodField()

    @extend_schema_field(AccountsBelowRepresentation(allow_null=True))
    def get_accounts_below(self, effective: EffectiveAtTarget) -> Any:
        """Return how many accounts below come to the same; null where none could tell."""
        return self.context["below"].get(effective.policy_type)


class AccountEffectiveRepresentation(Representation):
    """The effective policies of one account, a type each."""

    account_id = serializers.CharField()
    effective_policies = EffectiveRepresentation(many=True)
    coverage = CoverageSummaryRepresentation(help_text="Of the organization itself.")


class UnitEffectiveRepresentation(Representation):
    """What accounts placed in one OU get, a type each."""

    target_id = serializers.CharField()
    effective_policies = EffectiveOfUnitRepresentation(many=True)
    coverage = CoverageSummaryRepresentation(help_text="Of the organization itself.")
