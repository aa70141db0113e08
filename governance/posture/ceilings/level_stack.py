"""What each level from the root down to a target takes away, policy by policy."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.posture.ceilings.organization_ceilings import (
    Binding,
    OrganizationCeilings,
)
from governance.posture.ceilings.strategies import Strategy, level_strategy
from governance.posture.state.organization import SCP, ControlPolicy, TargetName
from policies import CompiledStatement, Effect, PolicyLevel, default_compiler
from policies.ceiling import CeilingMaker
from policies.evaluation.aws_rules import unbound_bits


@dataclass(frozen=True, slots=True)
class PolicyAtLevel:
    """A policy as attached at one level.

    `denies`: some statement of it denies. `idle`: nothing changes here without it, as assumed;
    `why_idle` says why. A policy that cannot be read is never idle.
    """

    policy: ControlPolicy
    denies: bool
    idle: bool
    why_idle: str

    @property
    def readable(self) -> bool:
        """Whether its text has a meaning that can be relied on."""
        return self.policy.document is not None


@dataclass(frozen=True, slots=True)
class LevelStep:
    """One level. All sets are ints over the catalogue, within the scope of the policies' type.

    `removed` and `made_conditional`: what this level takes from what came from above. `always`,
    `conditional` and `unknown`: what is left below it; unknown from the first level on that has
    a policy that cannot be read. `breaks`: nothing is allowed here, so nothing below can do
    anything.
    """

    target: TargetName
    policies: tuple[PolicyAtLevel, ...]
    removed: int
    made_conditional: int
    always: int
    conditional: int
    unknown: int
    strategy: Strategy
    breaks: bool

    @property
    def left(self) -> int:
        """What is left below this level."""
        return self.always | self.conditional | self.unknown


def level_stack(ceilings: OrganizationCeilings, target_id: str) -> tuple[LevelStep, ...]:
    """Return the levels that bind a target, root first; none where none do or none are known.

    :raises KeyError: no such target.
    """
    if ceilings.binding(target_id) is not Binding.BOUND:
        return ()
    maker, control = ceilings.maker, ceilings.control
    exempt = unbound_bits(ceilings.catalogue)
    possible = always = ceilings.scope
    unknown = False
    steps = []
    for target in ceilings.tree.path(target_id):
        own = maker.level(target.level)
        attached = control.attached.get(target.target_id, ())
        unreadable = any(policy.document is None for policy in attached)
        unknown = unknown or unreadable
        left = possible & own.possible
        above = possible
        removed = possible & ~left
        made_conditional = always & left & ~own.always
        possible, always = left, always & own.always
        steps.append(
            LevelStep(
                target=ceilings.organization.names[target.target_id],
                policies=_policies(attached, above, maker),
                removed=removed,
                made_conditional=0 if unknown else made_conditional,
                always=0 if unknown else always,
                conditional=0 if unknown else possible & ~always,
                unknown=possible if unknown else 0,
                strategy=Strategy.UNKNOWN
                if unreadable
                else level_strategy(target.level, control.policy_type),
                breaks=_breaks(target.level, above & ~exempt, maker)
                if control.policy_type is SCP and not unreadable
                else False,
            )
        )
    return tuple(steps)


def _breaks(level: PolicyLevel, above: int, maker: CeilingMaker) -> bool:
    """Whether a level allows nothing of what is left above it, and something is."""
    allowed = 0
    for statement in level.allows:
        if maker.assumptions.remaining(statement) is not None:
            allowed |= statement.action_bits
    return bool(above) and not allowed & above


def _policies(
    attached: Sequence[ControlPolicy], above: int, maker: CeilingMaker
) -> tuple[PolicyAtLevel, ...]:
    compiler = default_compiler()
    found = []
    for policy in attached:
        if policy.document is None:
            found.append(PolicyAtLevel(policy, False, False, ""))
            continue
        statements = compiler.document(policy.document)
        others = compiler.level_of(
            statement
            for other in attached
            if other is not policy and other.document is not None
            for statement in compiler.document(other.document)
        )
        reasons = {idle_reason(statement, above, others, maker) for statement in statements}
        idle = "" not in reasons
        found.append(
            PolicyAtLevel(
                policy,
                any(statement.effect is Effect.DENY for statement in statements),
                idle,
                "; ".join(sorted(reasons)) if idle else "",
            )
        )
    return tuple(found)


def idle_reason(
    statement: CompiledStatement, above: int, others: PolicyLevel, maker: CeilingMaker
) -> str:
    """Say why a statement changes nothing at a level, empty if it does.

    `above`: the actions left above the level. `others`: what else is attached at it.
    """
    left = maker.assumptions.remaining(statement)
    if left is None:
        return "its conditions never hold as assumed"
    if not statement.action_bits:
        return "it covers no action that the catalogue has"
    reached = statement.action_bits & above
    if not reached:
        if statement.effect is Effect.DENY:
            return "all it denies is denied above"
        return "all it allows is denied above"
    free = _settled(others, maker, statement.effect)
    if not reached & ~free:
        return (
            "another policy here denies all of it"
            if statement.effect is Effect.DENY
            else "another policy here allows all of it"
        )
    return ""


def _settled(level: PolicyLevel, maker: CeilingMaker, effect: Effect) -> int:
    """Return the actions that statements of a level settle by the action alone."""
    found = 0
    for statement in level.denies if effect is Effect.DENY else level.allows:
        if (
            statement.resources is None
            and not statement.principals
            and maker.assumptions.remaining(statement) == ()
        ):
            found |= statement.action_bits
    return found
