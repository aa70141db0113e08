"""Why a statement of an SCP or RCP changes nothing at a target, as far as it can be told at once.

A sufficient test: where it gives no reason, `policies.comparison` has to decide.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from governance.posture.state.organization import (
    RCP,
    CompiledOrganization,
    ControlPolicies,
    ControlPolicy,
)
from policies import CompiledStatement, Effect, default_compiler
from policies.ceiling import Ceiling, CeilingMaker
from policies.coverage import covers


class Idle(StrEnum):
    """Why a statement changes nothing at a target.

    NO_ACTION: no action of AWS matches. NEVER_BOUND: policies of its type limit none of its
    actions. COVERED: another statement there or above says it already. DENIED_ANYWAY: a statement
    there or above denies all that it allows. NOTHING_LEFT: what it speaks of is not allowed there
    in any case. REACHES_NOBODY: no account that the policy binds lies at or below the target.
    """

    NO_ACTION = "no_action"
    NEVER_BOUND = "never_bound"
    COVERED = "covered"
    DENIED_ANYWAY = "denied_anyway"
    NOTHING_LEFT = "nothing_left"
    REACHES_NOBODY = "reaches_nobody"


@dataclass(frozen=True, slots=True)
class DecidingStatementPlace:
    """The statement that makes another needless. `number`: its place in the policy, from 1."""

    policy: ControlPolicy
    number: int
    target_id: str


@dataclass(frozen=True, slots=True)
class IdleReason:
    """Why a statement changes nothing. `said`: in words. `by`: the statement that decides."""

    why: Idle
    said: str
    by: DecidingStatementPlace | None = None


_NAMED = 3


class IdleReasons:
    """Looks for reasons in one organization's policies of one type.

    `ceilings`: of every target, nothing assumed, made by `maker`.
    """

    def __init__(
        self,
        organization: CompiledOrganization,
        control: ControlPolicies,
        maker: CeilingMaker,
        ceilings: Mapping[str, Ceiling],
    ) -> None:
        self._organization = organization
        self._control = control
        self._maker = maker
        self._ceilings = ceilings

    def why(
        self,
        policy: ControlPolicy,
        target_id: str,
        statement: CompiledStatement,
        *,
        number: int | None = None,
    ) -> IdleReason | None:
        """Return why a statement of a policy changes nothing at a target, None if not told.

        `number`: its place, from 1; then it alone is asked about, and an equal statement makes it
        needless. Without it the policy is asked about: its own statements do not count, and of
        two policies at one target that say the same the later in the list is needless.
        """
        reason = self.of_itself(statement)
        if reason is not None:
            return reason
        for by, there in self._others(policy, target_id, statement.effect, number):
            if covers(there, statement):
                verb = "denies" if statement.effect is Effect.DENY else "allows"
                return IdleReason(Idle.COVERED, f"{self._named(policy, by)} {verb} it already", by)
        if statement.effect is Effect.ALLOW:
            for by, there in self._denying(target_id):
                if covers(there, statement):
                    said = f"{self._named(policy, by)} denies all that it allows"
                    return IdleReason(Idle.DENIED_ANYWAY, said, by)
        left = self._left_without(target_id, statement.effect)
        if left is not None and not statement.action_bits & left:
            said = "nothing it covers is allowed there anyway"
            return IdleReason(Idle.NOTHING_LEFT, said)
        return None

    def of_itself(self, statement: CompiledStatement) -> IdleReason | None:
        """Return why a statement changes nothing at any target; its actions alone are read."""
        patterns = statement.action_patterns
        named = ", ".join(patterns[:_NAMED])
        if not statement.action_bits:
            if statement.not_action:
                return IdleReason(Idle.NO_ACTION, f"AWS has no other action than {named}")
            return IdleReason(
                Idle.NO_ACTION,
                f"AWS has no action {named}"
                + (f" nor the {len(patterns) - _NAMED} others" if len(patterns) > _NAMED else ""),
            )
        if not statement.action_bits & ~self._maker.unbound:
            return IdleReason(
                Idle.NEVER_BOUND, f"policies of this type never limit {named or 'these actions'}"
            )
        return None

    def _others(
        self, policy: ControlPolicy, target_id: str, effect: Effect, number: int | None
    ) -> Iterator[tuple[DecidingStatementPlace, CompiledStatement]]:
        """Yield the statements that can make one of `effect` needless.

        For a deny those above and beside it; for an allow those beside it, since every level must
        allow for itself.
        """
        steps = self._control.tree.path(target_id)
        for step in steps if effect is Effect.DENY else steps[-1:]:
            here = self._control.readable(step.target_id)
            mine = here.index(policy) if step.target_id == target_id and policy in here else -1
            for place, other in enumerate(here):
                if other is policy and (number is None or step.target_id != target_id):
                    # Of a policy at two levels the statement goes at both.
                    continue
                for by, there in self._statements(other, step.target_id, effect):
                    if other is policy and by.number == number:
                        continue
                    later = number is None and place > mine >= 0
                    if not (later and _says_as_much(policy, there, effect)):
                        yield by, there

    def _denying(
        self, target_id: str
    ) -> Iterator[tuple[DecidingStatementPlace, CompiledStatement]]:
        for step in self._control.tree.path(target_id):
            for other in self._control.readable(step.target_id):
                yield from self._statements(other, step.target_id, Effect.DENY)

    def _statements(
        self, policy: ControlPolicy, target_id: str, effect: Effect
    ) -> Iterator[tuple[DecidingStatementPlace, CompiledStatement]]:
        if policy.document is None:
            return
        for number, there in enumerate(default_compiler().document(policy.document), start=1):
            if there.effect is effect:
                yield DecidingStatementPlace(policy, number, target_id), there

    def _named(self, policy: ControlPolicy, by: DecidingStatementPlace) -> str:
        where = self._organization.names[by.target_id].name
        if by.policy is policy:
            return f"statement {by.number} of the policy itself"
        return f"{by.policy.name} at {where}"

    def _left_without(self, target_id: str, effect: Effect) -> int | None:
        """Return the actions that may be possible where a statement stands; None: not known.

        For a deny what the levels above leave and an allow beside it lets through, for an allow
        what the levels above leave.
        """
        control = self._control
        if control.is_unknown(target_id):
            return None
        parent_id = self._organization.names[target_id].parent_id
        everything = self._maker.catalogue.all_bits
        left = everything if parent_id is None else self._ceilings[parent_id].possible
        # Every level of resource control policies allows everything, listed or not.
        if effect is Effect.DENY and control.policy_type is not RCP:
            allowed = 0
            for statement in control.tree.by_id[target_id].level.allows:
                allowed |= statement.action_bits
            left &= allowed
        return left & ~self._maker.unbound


def _says_as_much(policy: ControlPolicy, there: CompiledStatement, effect: Effect) -> bool:
    """Whether the policy covers the other's statement in turn."""
    if policy.document is None:
        return False
    return any(
        own.effect is effect and covers(own, there)
        for own in default_compiler().document(policy.document)
    )
