"""Whether the conditions on one key hold as guards, decided by the engine."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from policies.comparison.reasons import Undecided
from policies.compiled import CompiledCondition
from policies.language.conditions.values import ABSENT
from policies.language.document import Operator, SetOperator
from policies.language.patterns import Glob, Wild
from policies.trust.admitted import AdmittedValues, Found
from policies.trust.edges import TrustPrincipal
from policies.trust.guard_keys import KeyPresence, guard_kind
from policies.trust.guard_wording import GuardTrap, GuardVerdict
from policies.trust.measured_guards import MEASURED, measured_verdict
from policies.trust.purposes import GuardPurpose, GuardSurroundings, purpose_of

_SOME_TEXT: Final = (Glob((Wild.ONE, Wild.ANY)),)
"""What a key without a domain of its own can be: no key that a request carries is empty."""

_WITH_WILDCARDS: Final = tuple(Glob((Wild.ANY, char, Wild.ANY)) for char in "*?")
"""Texts that only a policy holds: a `*` that is no wildcard there matches no request."""


@lru_cache(maxsize=65_536)
def judged(
    key: str,
    conditions: tuple[CompiledCondition, ...],
    principal: TrustPrincipal,
    surroundings: GuardSurroundings,
    presence: KeyPresence,
) -> list[GuardVerdict]:
    """Return a verdict on each of the conditions on one key (lower case), which hold together.

    Do not change the list: equal questions share it.
    """
    kind = guard_kind(key)
    readable = tuple(c for c in conditions if c.operator is not None)
    purpose = purpose_of(kind, key, readable, principal, surroundings)
    judge = _KeyJudge(readable, purpose, presence)
    return [
        judge.verdict(condition)
        if condition.operator is not None
        else GuardVerdict(GuardTrap.UNKNOWN_OPERATOR)
        for condition in conditions
    ]


class _KeyJudge:
    """Judges each condition on one key, alone and with the others on the key."""

    def __init__(
        self,
        conditions: tuple[CompiledCondition, ...],
        purpose: GuardPurpose,
        presence: KeyPresence,
    ) -> None:
        self._all = conditions
        self._purpose = purpose
        self._presence = presence

    def verdict(self, condition: CompiledCondition) -> GuardVerdict:
        """Return whether a condition holds, and what it leaves open."""
        purpose = self._purpose
        if self._presence is KeyPresence.NEVER:
            passes = _passes_without_the_key(condition)
            return (
                GuardVerdict(GuardTrap.NEVER_SENT, ABSENT)
                if passes
                else GuardVerdict(None, is_empty=True, is_never_sent=True)
            )
        if condition.key in MEASURED:
            return measured_verdict(condition, self._all, self._presence)
        if purpose.never is not None:
            return GuardVerdict(GuardTrap.SAYS_NOT_WHO, reason=purpose.never)
        if self._admitted(self._all).some() is None:
            return GuardVerdict(None, names=purpose.names, is_empty=True)
        alone = self._outside((condition,))
        if alone is None and not self._is_everything(condition):
            return self._holding()
        others = tuple(c for c in self._all if c is not condition)
        if (
            alone is not None
            and others
            and self._outside(self._all) is None
            and self._outside(others) is not None
        ):
            return self._holding()
        return self._trapped(condition, alone)

    def _holding(self) -> GuardVerdict:
        purpose = self._purpose
        return GuardVerdict(None, names=purpose.names, noun=purpose.noun)

    def _trapped(self, condition: CompiledCondition, found: Found) -> GuardVerdict:
        others = self._purpose.others
        if isinstance(found, Undecided):
            return GuardVerdict(GuardTrap.UNDECIDED, reason=found.value)
        if self._is_everything(condition):
            return GuardVerdict(GuardTrap.EVERYTHING, found, others=others)
        if self._presence is not KeyPresence.ALWAYS and _passes_without_the_key(condition):
            if condition.set_operator is SetOperator.FOR_ALL_VALUES:
                return GuardVerdict(GuardTrap.FOR_ALL_VALUES, ABSENT, others=others)
            if condition.if_exists:
                return GuardVerdict(GuardTrap.IF_EXISTS, ABSENT, others=others)
            if condition.operator is Operator.NULL:
                return GuardVerdict(GuardTrap.ABSENCE, ABSENT, others=others)
        if condition.operator is Operator.NULL:
            return GuardVerdict(GuardTrap.PRESENCE, found, others=others)
        if condition.negated:
            return GuardVerdict(GuardTrap.NEGATED, found, others=others)
        return GuardVerdict(GuardTrap.OPEN_ENDED, found, others=others)

    def _admitted(self, conditions: tuple[CompiledCondition, ...]) -> AdmittedValues:
        purpose = self._purpose
        return AdmittedValues(
            conditions,
            domain=purpose.domain or _SOME_TEXT,
            barred=purpose.barred if purpose.holds_arns else (*purpose.barred, *_WITH_WILDCARDS),
            seeds=purpose.seeds,
            is_list=purpose.is_list,
            may_be_absent=self._presence is not KeyPresence.ALWAYS,
        )

    def _outside(self, conditions: tuple[CompiledCondition, ...]) -> Found:
        return self._admitted(conditions).outside(self._purpose.within)

    def _is_everything(self, condition: CompiledCondition) -> bool:
        """Whether every text of the key is admitted, whatever key and caller it is."""
        return (
            condition.operator is not Operator.NULL
            and AdmittedValues(
                (condition,), is_list=self._purpose.is_list, may_be_absent=False
            ).missing()
            is None
        )


def _passes_without_the_key(condition: CompiledCondition) -> bool:
    return condition.holds(lambda _: ABSENT) is True
