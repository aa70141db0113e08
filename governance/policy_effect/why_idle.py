"""Why a statement has no effect wherever its policy is attached, in words a person can check."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from governance.policy_effect.reach import Bound, PolicyReach
from governance.posture.ceilings.idle_statements import (
    DecidingStatementPlace,
    Idle,
    IdleReasons,
)
from governance.posture.state.organization import RCP, ControlPolicies, ControlPolicy
from policies import CompiledStatement, Effect, default_compiler
from policies.ceiling import CeilingMaker
from policies.comparison import compare
from policies.full_access import full_access
from policies.targets import Target, TargetTree

_MOST_TARGETS: Final = 200
_NAMED: Final = 3
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_SERVICE_LINKED: Final = ":role/aws-service-role/"


class NoEffect(StrEnum):
    """Why a statement has no effect: `Idle`, and what is said of all targets at once.

    SERVICE_LINKED: it matches only roles that AWS's services keep, which no SCP binds.
    OTHER_ACCOUNTS: it matches only accounts that the policy does not reach. NEVER_TRUE: no request
    meets all that it asks for. TOGETHER: several policies decide everything it matches.
    """

    NO_ACTION = Idle.NO_ACTION.value
    NEVER_BOUND = Idle.NEVER_BOUND.value
    COVERED = Idle.COVERED.value
    DENIED_ANYWAY = Idle.DENIED_ANYWAY.value
    NOTHING_LEFT = Idle.NOTHING_LEFT.value
    REACHES_NOBODY = Idle.REACHES_NOBODY.value
    NOT_ATTACHED = "not_attached"
    NOT_ENABLED = "not_enabled"
    MANAGEMENT_ONLY = "management_only"
    SERVICE_LINKED = "service_linked"
    OTHER_ACCOUNTS = "other_accounts"
    NEVER_TRUE = "never_true"
    TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class StatementReason:
    """One reason and the targets it holds at (none: everywhere). `by`: the deciding statement."""

    why: NoEffect
    said: str
    target_ids: tuple[str, ...] = ()
    by: DecidingStatementPlace | None = None


def nowhere(reach: PolicyReach) -> StatementReason | None:
    """Return why nothing in a policy can have any effect where it is attached, None if it may."""
    if not reach.attached and not reach.unplaced:
        return StatementReason(NoEffect.NOT_ATTACHED, "the policy is attached to no target")
    if reach.of_others is Bound.NOT_ENABLED:
        said = "policies of this type are not enabled at the root"
        return StatementReason(NoEffect.NOT_ENABLED, said)
    if not reach.bound_ids and not reach.unplaced and reach.of_others is Bound.BOUND:
        if reach.account_ids:
            said = "it reaches the management account alone, which it does not bind"
            return StatementReason(NoEffect.MANAGEMENT_ONLY, said)
        said = "no account lies at or below its targets"
        return StatementReason(NoEffect.REACHES_NOBODY, said)
    return None


class WhyIdle:
    """Looks for the reasons of one policy's statements."""

    def __init__(self, reach: PolicyReach, policy: ControlPolicy, control: ControlPolicies) -> None:
        self._reach = reach
        self._policy = policy
        self._control = control
        self._compiler = default_compiler()
        self.catalogue = self._compiler.catalogue

    @cached_property
    def _reasons(self) -> IdleReasons:
        maker = CeilingMaker(self.catalogue, policy_type=self._control.policy_type)
        ceilings = maker.ceilings(self._control.tree)
        return IdleReasons(self._reach.organization, self._control, maker, ceilings)

    def reasons(self, number: int) -> tuple[StatementReason, ...]:
        """Return why a statement, of which it is proven, has no effect. `number`: from 1.

        Reasons are looked for at the first two hundred targets; what holds there is told.
        """
        if self._policy.document is None:
            return ()
        statement = self._compiler.document(self._policy.document)[number - 1]
        itself = self._of_itself(statement)
        if itself is not None:
            return (itself,)
        found: dict[tuple[NoEffect, str], tuple[DecidingStatementPlace | None, list[str]]] = {}
        for target_id in self._targets():
            reason = self._reasons.why(self._policy, target_id, statement, number=number)
            if reason is None:
                together = self._together(statement, target_id)
                key, by = (NoEffect.TOGETHER, together), None
            else:
                said = reason.said
                if reason.why is Idle.NOTHING_LEFT:
                    said += self._denied_above(statement, target_id)
                key, by = (NoEffect(reason.why.value), said), reason.by
            found.setdefault(key, (by, []))[1].append(target_id)
        return tuple(
            StatementReason(why, said, tuple(target_ids), by)
            for (why, said), (by, target_ids) in found.items()
        )

    def _targets(self) -> Iterator[str]:
        """Yield the targets at or below which it binds an account."""
        via = {
            target.target_id
            for account_id in self._reach.bound_ids
            for target in self._reach.via(account_id)
        }
        shown = [target_id for target_id in self._reach.attached if target_id in via]
        yield from shown[:_MOST_TARGETS]

    def _of_itself(self, statement: CompiledStatement) -> StatementReason | None:
        """Return a reason that the statement's own text gives, whatever else is attached."""
        known = self._reasons.of_itself(statement)
        if known is not None:
            return StatementReason(NoEffect(known.why.value), known.said)
        if self._control.policy_type is RCP and statement.effect is Effect.ALLOW:
            said = "AWS attaches RCPFullAWSAccess to every target; it allows everything already"
            return StatementReason(NoEffect.COVERED, said)
        if not self._matches_nothing(statement):
            return None
        keys = {condition.key: condition for condition in statement.conditions}
        principal = keys.get("aws:principalarn")
        if (
            principal is not None
            and not principal.negated
            and all(_SERVICE_LINKED in value for value in principal.values)
        ):
            said = "it matches service-linked roles alone, which policies of this type do not bind"
            return StatementReason(NoEffect.SERVICE_LINKED, said)
        # Callers of resource control policies may be of any account.
        of_account = ["aws:resourceaccount"]
        if self._control.policy_type is not RCP:
            of_account += ["aws:principalarn", "aws:principalaccount"]
        named = {
            account_id
            for key in of_account
            if key in keys and not keys[key].negated
            for value in keys[key].values
            for account_id in _ACCOUNT.findall(value)
        }
        if named and named.isdisjoint(self._reach.bound_ids):
            listed = ", ".join(sorted(named)[:_NAMED])
            said = f"it matches only accounts that the policy does not reach: {listed}"
            return StatementReason(NoEffect.OTHER_ACCOUNTS, said)
        said = "no request meets all of its elements and conditions at once"
        return StatementReason(NoEffect.NEVER_TRUE, said)

    def _matches_nothing(self, statement: CompiledStatement) -> bool:
        """Whether it is proven that no request of an account it reaches meets the statement."""
        kind = self._control.policy_type
        everything = self._compiler.level((full_access(kind),))
        beside = everything if statement.effect is Effect.DENY else self._compiler.level_of(())
        own = self._compiler.level_of((*beside.statements, statement))
        accounts = [Target(one, "r-root", everything) for one in self._reach.bound_ids]
        found = compare(
            *(TargetTree((Target("r-root", None, level), *accounts)) for level in (beside, own)),
            compiler=self._compiler,
            report_on=self._reach.bound_ids,
            policy_type=kind,
            organization=self._reach.organization.organization,
        )
        return found.is_unchanged

    def _denied_above(self, statement: CompiledStatement, target_id: str) -> str:
        names = {
            policy.name: None
            for step in self._control.tree.path(target_id)
            for policy in self._control.readable(step.target_id)
            if policy is not self._policy and self._overlaps(policy, statement, Effect.DENY)
        }
        return f"; some or all of it is denied by {_listed(names)}" if names else ""

    def _together(self, statement: CompiledStatement, target_id: str) -> str:
        """Say which policies, of those that bear on the accounts there, decide together."""
        below = [
            account_id
            for account_id in self._reach.organization.accounts_below(target_id)
            if account_id != self._reach.exempt_account_id
        ]
        is_deny = statement.effect is Effect.DENY
        deciding = (Effect.DENY,) if is_deny else (Effect.DENY, Effect.ALLOW)
        names: dict[str, None] = {}
        for account_id in below[:_NAMED]:
            for step in self._control.tree.path(account_id):
                for policy in self._control.readable(step.target_id):
                    if policy is not self._policy and any(
                        self._overlaps(policy, statement, effect) for effect in deciding
                    ):
                        names[policy.name] = None
        verb = "denies" if is_deny else "allows"
        if not names:
            return f"all that it {verb} is decided by what the levels allow"
        return f"all that it {verb} is decided already, by {_listed(names)}"

    def _overlaps(
        self, policy: ControlPolicy, statement: CompiledStatement, effect: Effect
    ) -> bool:
        if policy.document is None:
            return False
        return any(
            other.effect is effect and other.action_bits & statement.action_bits
            for other in self._compiler.document(policy.document)
        )


def _listed(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
    return f"{', '.join(listed[:_NAMED])}{more}"
