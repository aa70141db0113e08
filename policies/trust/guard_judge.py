"""Whether the conditions on one key hold as guards, decided by the engine."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from policies.comparison.reasons import Undecided
from policies.compiled import CompiledCondition
from policies.language.conditions import ARN_OPERATORS, STRING_OPERATORS
from policies.language.conditions.values import ABSENT
from policies.language.document import Operator, SetOperator
from policies.language.patterns import Glob, Wild, any_matches
from policies.trust.admitted import AdmittedValues, Found, patterns
from policies.trust.edges import TrustPrincipal
from policies.trust.guard_keys import KeyPresence, guard_kind
from policies.trust.guard_wording import GuardTrap, GuardVerdict
from policies.trust.measured_guards import MEASURED, measured_verdict
from policies.trust.purpose_parts import GuardPurpose, GuardSurroundings
from policies.trust.purposes import purpose_of
from policies.trust.request_values import with_possible_values

_SOME_TEXT: Final = (Glob((Wild.ONE, Wild.ANY)),)
"""What a key without a domain of its own can be: no key that a request carries is empty."""

_BY_PATTERN: Final = ARN_OPERATORS | STRING_OPERATORS
_WITH_WILDCARDS: Final = tuple(Glob((Wild.ANY, char, Wild.ANY)) for char in "*?")
"""Texts that only a policy holds: a `*` that is not a wildcard there matches no request."""


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
    conditions = tuple(map(with_possible_values, conditions))
    readable = tuple(c for c in conditions if c.operator is not None)
    purpose = purpose_of(kind, key, readable, principal, surroundings)
    judge = _KeyJudge(readable, purpose, presence, surroundings.fixes_network)
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
        in_known_network: bool,
    ) -> None:
        self._all = conditions
        self._purpose = purpose
        self._presence = presence
        self._in_known_network = in_known_network
        self._spaces: dict[tuple[CompiledCondition, ...], AdmittedValues] = {}

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
            return measured_verdict(
                condition, self._all, self._presence, in_known_network=self._in_known_network
            )
        if purpose.never is not None:
            return GuardVerdict(GuardTrap.SAYS_NOT_WHO, reason=purpose.never)
        if len(self._all) == 1 and _lists_texts(condition):
            listed = self._of_listed(condition)
            if listed is not None:
                return listed
        alone = self._outside((condition,))
        if (alone is None or len(self._all) > 1) and self._admitted(self._all).some() is None:
            return GuardVerdict(None, names=purpose.names, is_empty=True)
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

    def _of_listed(self, condition: CompiledCondition) -> GuardVerdict | None:
        """Return the verdict on a condition that lists whole texts; None where one lies outside.

        It is what the search would find: the texts listed that the key can be are all there is.
        """
        purpose = self._purpose
        can_be = any_matches(self._domain)
        barred = any_matches(self._barred)
        texts = [text for text in condition.values if can_be(text) and not barred(text)]
        if not texts:
            return GuardVerdict(None, names=purpose.names, is_empty=True)
        within = [one.fixed_test for one in purpose.within]
        if all(any(test is not None and test(text) for test in within) for text in texts):
            return self._holding()
        return None

    @property
    def _domain(self) -> tuple[Glob, ...]:
        return self._purpose.domain or _SOME_TEXT

    @property
    def _barred(self) -> tuple[Glob, ...]:
        barred = self._purpose.barred
        return barred if self._purpose.holds_arns else (*barred, *_WITH_WILDCARDS)

    def _admitted(self, conditions: tuple[CompiledCondition, ...]) -> AdmittedValues:
        found = self._spaces.get(conditions)
        if found is None:
            found = self._spaces[conditions] = AdmittedValues(
                conditions,
                domain=self._domain,
                barred=self._barred,
                seeds=self._purpose.seeds,
                is_list=self._purpose.is_list,
                may_be_absent=self._presence is not KeyPresence.ALWAYS,
            )
        return found

    def _outside(self, conditions: tuple[CompiledCondition, ...]) -> Found:
        return self._admitted(conditions).outside(self._purpose.within)

    def _is_everything(self, condition: CompiledCondition) -> bool:
        """Whether every text of the key is admitted, whatever key and caller it is."""
        if condition.operator is Operator.NULL:
            return False
        if condition.operator in _BY_PATTERN and not condition.negated:
            tokens = [glob.tokens for glob in patterns(condition)]
            if all(any(isinstance(token, str) for token in pattern) for pattern in tokens):
                # A text without any character that the patterns write matches none of them.
                return False
        everything = AdmittedValues(
            (condition,), is_list=self._purpose.is_list, may_be_absent=False
        )
        return everything.missing() is None


def _lists_texts(condition: CompiledCondition) -> bool:
    """Whether a condition holds for the texts it lists, each as it stands, and for nothing else."""
    return (
        condition.operator is Operator.STRING_EQUALS
        and not condition.negated
        and not condition.if_exists
        and condition.set_operator is not SetOperator.FOR_ALL_VALUES
    )


def _passes_without_the_key(condition: CompiledCondition) -> bool:
    return condition.holds(lambda _: ABSENT) is True
