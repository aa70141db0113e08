"""Ceilings as the API shows them: what is left by level and service, what decides an action."""

from typing import Any

from django.db.models import TextChoices
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.parts.representations import DiagnosticRepresentation, Representation
from governance.posture.ceilings.groups import CeilingGroup
from governance.posture.ceilings.level_stack import LevelStep, PolicyAtLevel
from governance.posture.ceilings.organization_ceilings import (
    Binding,
    CeilingOutcome,
    TargetCeiling,
)
from governance.posture.ceilings.services import DecidingStatementAtLevel
from governance.posture.ceilings.strategies import Strategy
from governance.posture.state.organization import CONTROL_TYPES, ControlPolicy
from governance.presentation.statement_text import statement_lines

POLICY_TYPES = [(kind.value, kind.value) for kind in CONTROL_TYPES]
OUTCOMES = [(outcome.value, outcome.value) for outcome in CeilingOutcome]
BINDINGS = [(binding.value, binding.value) for binding in Binding]
STRATEGIES = [(strategy.value, strategy.value) for strategy in Strategy]
BINDING_HELP = (
    "bound: the policies bind the target. management: it is the management account, which they "
    "never do. not_enabled: the type is not in use. not_collected: never read, so nothing is "
    "known. not_placed: where the target stands in the tree was not collected."
)
STRATEGY_HELP = (
    "deny_list: everything is allowed and some of it denied. allow_list: only some is allowed. "
    "mixed: a list is allowed and some of it denied. none: everything is allowed. broken: nothing "
    "is allowed. unknown: a policy cannot be read, or was not collected. not_bound: not in force."
)


class StatementEffectChoice(TextChoices):
    """What a statement does."""

    ALLOW = "Allow"
    DENY = "Deny"


class ActionCountsRepresentation(serializers.Serializer[Any]):
    """How many actions come out how."""

    total = serializers.SerializerMethodField(help_text="Actions that policies of the type reach.")
    always = serializers.SerializerMethodField(help_text="Possible in every request.")
    conditional = serializers.SerializerMethodField(help_text="Possible in some requests.")
    never = serializers.SerializerMethodField(help_text="Possible in none.")
    unknown = serializers.SerializerMethodField(help_text="Not known; never count it as allowed.")

    def get_total(self, ceiling: TargetCeiling) -> int:
        """Count all."""
        return (ceiling.possible | ceiling.never).bit_count()

    def get_always(self, ceiling: TargetCeiling) -> int:
        """Count those."""
        return ceiling.always.bit_count()

    def get_conditional(self, ceiling: TargetCeiling) -> int:
        """Count those."""
        return ceiling.conditional.bit_count()

    def get_never(self, ceiling: TargetCeiling) -> int:
        """Count those."""
        return ceiling.never.bit_count()

    def get_unknown(self, ceiling: TargetCeiling) -> int:
        """Count those."""
        return ceiling.unknown.bit_count()


class UnreadablePolicyRepresentation(serializers.Serializer[Any]):
    """A policy whose text cannot be read, so that it may say anything."""

    policy_id = serializers.CharField()
    name = serializers.CharField()
    diagnostics = DiagnosticRepresentation(many=True)


class UnreadableAtRepresentation(serializers.Serializer[Any]):
    """A policy that cannot be read, where it is attached."""

    target_id = serializers.SerializerMethodField()
    target_name = serializers.SerializerMethodField()
    policy = serializers.SerializerMethodField()

    def get_target_id(self, found: tuple[Any, ControlPolicy]) -> str:
        """Return the level's id."""
        target_id: str = found[0].target_id
        return target_id

    def get_target_name(self, found: tuple[Any, ControlPolicy]) -> str:
        """Return the level's name."""
        name: str = found[0].name
        return name

    @extend_schema_field(UnreadablePolicyRepresentation())
    def get_policy(self, found: tuple[Any, ControlPolicy]) -> Any:
        """Return the policy with its diagnostics."""
        return UnreadablePolicyRepresentation(found[1]).data


class PolicyAtLevelRepresentation(serializers.Serializer[Any]):
    """A policy as attached at one level."""

    policy_id = serializers.CharField(source="policy.policy_id")
    name = serializers.CharField(source="policy.name")
    readable = serializers.BooleanField(help_text="False: it counts as unknown.")
    denies = serializers.SerializerMethodField(help_text="Null: it cannot be read.")
    has_effect = serializers.SerializerMethodField(
        help_text="Whether anything changes here by it, as assumed; null: it cannot be read."
    )
    why_no_effect = serializers.CharField(source="why_idle")
    diagnostics = DiagnosticRepresentation(source="policy.diagnostics", many=True)

    def get_denies(self, at: PolicyAtLevel) -> bool | None:
        """Whether a statement of it denies."""
        return at.denies if at.readable else None

    def get_has_effect(self, at: PolicyAtLevel) -> bool | None:
        """Whether something would change without it."""
        return not at.idle if at.readable else None


class CeilingLevelRepresentation(serializers.Serializer[Any]):
    """One level, and what it takes from what came from above."""

    target_id = serializers.CharField(source="target.target_id")
    target_type = serializers.CharField(source="target.kind", help_text="In AWS's words.")
    name = serializers.CharField(source="target.name")
    strategy = serializers.ChoiceField(choices=STRATEGIES, help_text=STRATEGY_HELP)
    breaks_allow_chain = serializers.BooleanField(
        source="breaks", help_text="Nothing is allowed here, so nothing below can do anything."
    )
    policies = PolicyAtLevelRepresentation(many=True)
    removed = serializers.SerializerMethodField(help_text="Actions that this level removes.")
    removed_by_service = serializers.SerializerMethodField(
        help_text="Service → actions it removes."
    )
    made_conditional = serializers.SerializerMethodField(
        help_text="Actions that were always possible above and are conditional from here on."
    )
    left_always = serializers.SerializerMethodField()
    left_conditional = serializers.SerializerMethodField()
    left_unknown = serializers.SerializerMethodField()

    def get_removed(self, step: LevelStep) -> int:
        """Count the actions."""
        return step.removed.bit_count()

    def get_removed_by_service(self, step: LevelStep) -> dict[str, int]:
        """Count the actions of each service."""
        return by_service(self.context["catalogue"], step.removed)

    def get_made_conditional(self, step: LevelStep) -> int:
        """Count the actions."""
        return step.made_conditional.bit_count()

    def get_left_always(self, step: LevelStep) -> int:
        """Count the actions."""
        return step.always.bit_count()

    def get_left_conditional(self, step: LevelStep) -> int:
        """Count the actions."""
        return step.conditional.bit_count()

    def get_left_unknown(self, step: LevelStep) -> int:
        """Count the actions."""
        return step.unknown.bit_count()


class CeilingRepresentation(Representation):
    """What may be done at most in a target, and what each level takes away."""

    target_id = serializers.CharField()
    target_type = serializers.CharField(help_text="In AWS's words.")
    name = serializers.CharField()
    policy_type = serializers.ChoiceField(choices=POLICY_TYPES)
    binding = serializers.ChoiceField(choices=BINDINGS, help_text=BINDING_HELP)
    assumptions = serializers.ListField(
        child=serializers.CharField(), help_text="The assumptions, as `assume` takes them."
    )
    actions = ActionCountsRepresentation()
    levels = CeilingLevelRepresentation(
        many=True, help_text="Root first; empty where `binding` is not bound."
    )
    unreadable = UnreadableAtRepresentation(
        many=True, help_text="Unreadable policies that apply to the target."
    )
    services_url = serializers.CharField(help_text="The same by service.")
    page = serializers.CharField(
        allow_null=True, help_text="The same on a screen; null for the root, which has none."
    )


class DecidedAtRepresentation(serializers.Serializer[Any]):
    """A level that ends actions of a service or makes them conditional."""

    target_id = serializers.CharField(source="target.target_id")
    name = serializers.CharField(source="target.name")
    actions = serializers.IntegerField()


class ServiceCeilingRepresentation(Representation):
    """How many actions of one service come out how."""

    service = serializers.CharField(source="prefix", help_text="AWS's prefix, such as s3.")
    name = serializers.CharField()
    total = serializers.IntegerField()
    always = serializers.IntegerField()
    conditional = serializers.IntegerField()
    never = serializers.IntegerField()
    unknown = serializers.IntegerField(help_text="Never count these as allowed.")
    decided_at = DecidedAtRepresentation(many=True, help_text="The one that decides most first.")
    actions_url = serializers.SerializerMethodField()

    def get_actions_url(self, service: Any) -> str:
        """Return the address of its actions."""
        url: str = self.context["url_of"](service.prefix)
        return url


class ActionCeilingRepresentation(Representation):
    """What becomes of one action."""

    action = serializers.CharField(source="name")
    access_level = serializers.CharField(source="level", help_text="AWS's.")
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    url = serializers.SerializerMethodField(help_text="What decides it.")

    def get_url(self, action: Any) -> str:
        """Return the address of its decision."""
        url: str = self.context["url_of"](action.name.partition(":")[2])
        return url


class ConditionRepresentation(serializers.Serializer[Any]):
    """A condition that the assumptions leave open."""

    operator = serializers.CharField()
    key = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField())


class DecidingStatementRepresentation(serializers.Serializer[Any]):
    """A statement that decides an action, where it is attached and where it stands."""

    effect = serializers.SerializerMethodField()
    policy_id = serializers.CharField(source="policy.policy_id")
    policy_name = serializers.CharField(source="policy.name")
    number = serializers.IntegerField(help_text="From 1, in its policy.")
    sid = serializers.CharField(help_text="Empty: it has none.")
    target_id = serializers.CharField(source="target.target_id")
    target_name = serializers.CharField(source="target.name")
    by_resource = serializers.BooleanField(help_text="Whether the resource decides too.")
    conditions = serializers.SerializerMethodField()
    first_line = serializers.SerializerMethodField(help_text="In the text as AWS returned it.")
    last_line = serializers.SerializerMethodField()

    def get_effect(self, statement: DecidingStatementAtLevel) -> StatementEffectChoice:
        """Return what it does."""
        return StatementEffectChoice.DENY if statement.denies else StatementEffectChoice.ALLOW

    @extend_schema_field(ConditionRepresentation(many=True))
    def get_conditions(self, statement: DecidingStatementAtLevel) -> Any:
        """Return the conditions that are left open."""
        return [
            {"operator": operator, "key": key, "values": list(values)}
            for operator, key, values in statement.conditions
        ]

    def get_first_line(self, statement: DecidingStatementAtLevel) -> int:
        """Return the line on which it begins."""
        return _lines(statement)[0]

    def get_last_line(self, statement: DecidingStatementAtLevel) -> int:
        """Return the line on which it ends."""
        return _lines(statement)[1]


class NotAllowedAtRepresentation(serializers.Serializer[Any]):
    """A level at which nothing allows an action."""

    target_id = serializers.CharField()
    name = serializers.CharField()


class ActionDecisionRepresentation(Representation):
    """Why an action comes out as it does."""

    action = serializers.CharField(source="decision.action.name")
    access_level = serializers.CharField(source="decision.action.level", help_text="AWS's.")
    outcome = serializers.ChoiceField(source="decision.action.outcome", choices=OUTCOMES)
    policy_type = serializers.ChoiceField(choices=POLICY_TYPES)
    binding = serializers.ChoiceField(choices=BINDINGS, help_text=BINDING_HELP)
    assumptions = serializers.ListField(child=serializers.CharField())
    is_limited_by_type = serializers.BooleanField(
        help_text="Whether policies of the type can limit the action's service at all."
    )
    depends_on = serializers.ListField(
        source="decision.depends_on",
        child=serializers.CharField(),
        help_text="Condition keys as AWS spells them, and `resource`.",
    )
    statements = DecidingStatementRepresentation(source="decision.statements", many=True)
    not_allowed_at = NotAllowedAtRepresentation(source="decision.not_allowed_at", many=True)
    unreadable = UnreadableAtRepresentation(source="decision.unreadable", many=True)
    page = serializers.CharField(allow_null=True, help_text="The same on a screen.")


class SeparatingPolicyRepresentation(Representation):
    """A policy that other accounts below the OU do not have."""

    policy_id = serializers.CharField(source="policy.policy_id")
    name = serializers.CharField(source="policy.name")
    target_ids = serializers.ListField(
        child=serializers.CharField(), help_text="Where below the OU it is attached."
    )
    accounts = serializers.IntegerField(help_text="How many of the group's accounts have it.")


class AccountGroupRepresentation(Representation):
    """Accounts below an OU that may do the same, under the same conditions."""

    accounts = serializers.SerializerMethodField(help_text="How many.")
    account_ids = serializers.ListField(child=serializers.CharField())
    binding = serializers.ChoiceField(choices=BINDINGS, help_text=BINDING_HELP)
    actions = ActionCountsRepresentation(source="ceiling")
    is_as_the_unit = serializers.BooleanField(help_text="Nothing below the OU narrows these.")
    removed = serializers.SerializerMethodField(
        help_text="Actions that the OU leaves and these accounts do not have."
    )
    removed_by_service = serializers.SerializerMethodField(help_text="Service → such actions.")
    made_conditional = serializers.SerializerMethodField(
        help_text="Actions that are always possible at the OU and conditional here."
    )
    gained = serializers.SerializerMethodField(
        help_text="Actions beyond the OU's, as the management account has."
    )
    separated_by = SeparatingPolicyRepresentation(
        many=True, help_text="Policies that other accounts below the OU do not have."
    )

    def get_accounts(self, group: CeilingGroup) -> int:
        """Count the accounts."""
        return len(group.account_ids)

    def get_removed(self, group: CeilingGroup) -> int:
        """Count the actions."""
        return group.removed.bit_count()

    def get_removed_by_service(self, group: CeilingGroup) -> dict[str, int]:
        """Count the actions of each service."""
        return by_service(self.context["catalogue"], group.removed)

    def get_made_conditional(self, group: CeilingGroup) -> int:
        """Count the actions."""
        return group.made_conditional.bit_count()

    def get_gained(self, group: CeilingGroup) -> int:
        """Count the actions."""
        return group.gained.bit_count()


def by_service(catalogue: Any, actions: int) -> dict[str, int]:
    """Count the actions of a set by service, those without any left out."""
    counts = {
        prefix: (actions >> span.start & ((1 << len(span)) - 1)).bit_count()
        for prefix, span in catalogue.service_ranges.items()
    }
    return {prefix: count for prefix, count in counts.items() if count}


def _lines(statement: DecidingStatementAtLevel) -> tuple[int, int]:
    document = statement.policy.document
    source = document.source.text if document and document.source else ""
    return statement_lines(source, statement.path)
