"""What each statement of an SCP or RCP changes, proven; of one that changes nothing, why.

A statement has effect if the organization without it decides some request otherwise:
`policies.comparison` compares the two for every account that the policy reaches. What is not
proven stays undecided.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Final

from governance.edits.draft import with_policy
from governance.effects.comparing import effects_of
from governance.effects.request_effects import Effects, Verdict
from governance.policy_effect.reach import PolicyReach
from governance.policy_effect.why_idle import NoEffect, StatementReason, WhyIdle, nowhere
from governance.posture.state.organization import ControlPolicies, ControlPolicy, InForce
from governance.posture.state.process_cache import ProcessCache
from policies import PolicyType, Statement

_KEPT: Final = 32


class StatementState(StrEnum):
    """What is known of a statement. EFFECT and NO_EFFECT are proven.

    NO_EFFECT: of no account that the policy reaches is any request decided differently without it.
    """

    EFFECT = "effect"
    NO_EFFECT = "no_effect"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class StatementEffect:
    """What one statement does. `number`: its place in the policy, from 1; `sid` may be empty.

    `accounts`: those of which it was proven that it decides something there, of the `reached` that
    the policy binds. `beyond_catalogue`: it decides only actions that the catalogue does not have.
    `reasons`: why it has no effect, at which targets. `undecided`: why nothing is proven, and for
    a statement with effect, what is not known beside it.
    """

    number: int
    sid: str
    effect: str
    state: StatementState
    accounts: int
    reached: int
    beyond_catalogue: bool
    reasons: tuple[StatementReason, ...]
    undecided: str
    catalogue_version: str


class PolicyStatements:
    """The statements of one policy in one state of the organization, each looked at once.

    Made by `policy_statements`, which keeps it: what was found holds for as long as the state.
    """

    def __init__(self, reach: PolicyReach, policy: ControlPolicy, policy_type: PolicyType) -> None:
        self._reach = reach
        self._policy = policy
        self._type = policy_type
        self._found: dict[int, StatementEffect] = {}

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements as written; none where the text cannot be read."""
        return self._policy.document.statements if self._policy.document else ()

    @property
    def is_readable(self) -> bool:
        """Whether the policy's text has a meaning; else it counts as unknown wherever it is."""
        return self._policy.document is not None

    def of(self, number: int) -> StatementEffect:
        """Return what a statement does. `number`: from 1.

        :raises IndexError: the policy has no such statement.
        """
        if not 1 <= number <= len(self.statements):
            raise IndexError(f"the policy has statements 1 to {len(self.statements)}")
        found = self._found.get(number)
        if found is None:
            found = self._found[number] = self._look(number)
        return found

    def within(
        self, seconds: float, *, first: int = 1, clock: Callable[[], float] = time.monotonic
    ) -> Iterator[StatementEffect]:
        """Yield what the statements from `first` on do until the time is over: at least one."""
        until = clock() + seconds
        for number in range(first, len(self.statements) + 1):
            known = number in self._found
            if number > first and not known and clock() >= until:
                return
            yield self.of(number)

    @cached_property
    def _control(self) -> ControlPolicies:
        return self._reach.organization.control(self._type)

    @cached_property
    def _why(self) -> WhyIdle:
        return WhyIdle(self._reach, self._policy, self._control)

    def _look(self, number: int) -> StatementEffect:
        reach, statement = self._reach, self.statements[number - 1]
        effect = StatementEffect(
            number=number,
            sid=statement.sid or "",
            effect=statement.effect.value,
            state=StatementState.NO_EFFECT,
            accounts=0,
            reached=len(reach.bound_ids),
            beyond_catalogue=False,
            reasons=(),
            undecided="",
            catalogue_version=self._why.catalogue.version,
        )
        if reach.in_force is InForce.NOT_COLLECTED:
            said = "the policies of this type were never read completely"
            return replace(effect, state=StatementState.UNDECIDED, undecided=said)
        of_all = nowhere(reach)
        if of_all is not None:
            return replace(effect, reasons=(of_all,))
        effects = self._without(number)
        proven = [one for one in effects.effects if one.verdict is not Verdict.UNDECIDED]
        beyond = bool(proven) and all(one.unlisted for one in proven)
        reasons = self._why.reasons(number) if not proven or beyond else ()
        undecided = _undecided(effects)
        if beyond and any(one.why in _NO_KNOWN_ACTION for one in reasons):
            return replace(effect, reasons=reasons)
        if proven:
            accounts = {account_id for one in proven for account_id in one.account_ids}
            return replace(
                effect,
                state=StatementState.EFFECT,
                accounts=len(accounts),
                beyond_catalogue=beyond,
                undecided=undecided,
            )
        if undecided:
            return replace(effect, state=StatementState.UNDECIDED, undecided=undecided)
        return replace(effect, reasons=reasons)

    def _without(self, number: int) -> Effects:
        """Compare the organization as it is with one whose policy lacks the statement."""
        policy, document = self._policy, self._policy.document
        if document is None:
            raise ValueError(f"{policy.policy_id} cannot be read")
        rest = (*document.statements[: number - 1], *document.statements[number:])
        lacking = replace(
            policy,
            sha256=f"{policy.sha256} without {number}",
            document=replace(document, statements=rest),
        )
        return effects_of(with_policy(self._reach.organization, self._type, lacking))


_NO_KNOWN_ACTION: Final = frozenset({NoEffect.NO_ACTION, NoEffect.NEVER_BOUND})


def _undecided(effects: Effects) -> str:
    said = [
        f"{len(unknown.account_ids):,} accounts are not known: {unknown.reason}"
        for unknown in effects.unknown
    ]
    reasons = sorted({one.reason for one in effects.effects if one.verdict is Verdict.UNDECIDED})
    return "; ".join([*said, *reasons])


_CacheKey = tuple[tuple[object, ...], str]
_kept: Final[ProcessCache[_CacheKey, PolicyStatements]] = ProcessCache(most=_KEPT)


def policy_statements(reach: PolicyReach) -> PolicyStatements:
    """Return the statements of an SCP or RCP; equal states of the organization share one answer.

    :raises ValueError: another type; its policies have settings, and no statements.
    :raises KeyError: the organization's state does not have the policy.
    """
    policy_type = PolicyType(reach.policy_type)
    policy = reach.organization.control(policy_type).by_id[reach.policy_id]
    key = (reach.organization.key, reach.policy_id)
    return _kept.get(key, lambda: PolicyStatements(reach, policy, policy_type))
