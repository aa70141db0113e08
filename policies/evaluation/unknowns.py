"""Decisions under unknown keys: definite only if every value of the keys gives the same.

Conditions on one unknown key are not independent: `StringEquals a` and `StringNotEquals a` never
both fail where the key is present. So `decide_under_unknowns` decides once for each way in which
the conditions of a key can hold together, `reachable`, and compares. `reachable` may name ways
that no value gives (then an answer may be `unknown` without need), but it never omits one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import product
from math import prod
from typing import Final, Generic, NamedTuple, TypeVar

from policies.compiled import CompiledCondition
from policies.evaluation.layers import Decider
from policies.evaluation.samples import (
    FRESH,
    fixed_values,
    is_ordered,
    number_meets,
    number_samples,
    patterns,
    text_samples,
)
from policies.evaluation.verdict import Decision, DecisionOutcome, DeniedEitherWay
from policies.language.conditions import ARN_OPERATORS, STRING_OPERATORS, make_leaf
from policies.language.conditions.values import ABSENT, ContextValue
from policies.language.document import Operator, SetOperator
from policies.language.patterns import Glob

_MOST_WAYS: Final = 1024
_MOST_ELEMENTS: Final = 8
_MOST_WILD: Final = 5
_MOST_FREE: Final = 6

Ternary = bool | None
Way = tuple[bool, ...]


class OpenPredicate(NamedTuple):
    """A predicate without an answer, by number; the keys to blame; its condition if fixed.

    Predicates with an equal `meaning` have the same answer in the same request.
    """

    predicate: int
    unknown_keys: tuple[str, ...]
    condition: CompiledCondition | None
    meaning: object


class OpenChoice(NamedTuple):
    """Predicates that are open together, with the ways in which they can hold."""

    keys: tuple[str, ...]
    predicates: tuple[int, ...]
    ways: tuple[Way, ...]


T = TypeVar("T", bound=Hashable)


class EveryWay(NamedTuple, Generic[T]):
    """What is decided for each way in which open predicates can hold: one way of each choice."""

    choices: tuple[OpenChoice, ...]
    decided: Mapping[tuple[int, ...], T]

    def deciding_keys(self, outcome: Callable[[T], Hashable]) -> tuple[str, ...]:
        """Return, sorted, the keys on whose value the outcome hangs, all others held."""
        found: set[str] = set()
        for number, choice in enumerate(self.choices):
            if choice.keys and _matters(number, self.decided, outcome):
                found.update(choice.keys)
        return tuple(sorted(found))


def decide_under_unknowns(
    combine: Callable[[Sequence[Ternary]], Decision],
    answers: list[Ternary],
    unsettled: Sequence[OpenPredicate],
) -> Decision:
    """Decide with `combine` for every way in which the unsettled predicates can hold together."""
    if not unsettled:
        return combine(answers)
    every = decide_every_way(combine, answers, unsettled)
    if every is None:
        # Too many to try: say what is certain, that these statements decide.
        keys = tuple(sorted({key for item in unsettled for key in item.unknown_keys}))
        return _without_trying(combine, answers, unsettled, keys)
    decided = every.decided.values()
    outcomes = {decision.decision for decision in decided}
    if len(outcomes) == 1:
        return _definite(list(decided))
    kind = Decision if DecisionOutcome.ALLOWED in outcomes else DeniedEitherWay
    deciding = every.deciding_keys(lambda decision: decision.decision)
    return kind(DecisionOutcome.UNKNOWN, _denying(decided), deciding)


def decide_every_way(
    combine: Callable[[Sequence[Ternary]], T],
    answers: list[Ternary],
    unsettled: Sequence[OpenPredicate],
) -> EveryWay[T] | None:
    """Combine for every way in which the unsettled predicates can hold; None: too many to try."""
    choices = tuple(_choices(unsettled))
    if prod(len(choice.ways) for choice in choices) > _MOST_WAYS:
        return None
    decided: dict[tuple[int, ...], T] = {}
    for picked in product(*(range(len(choice.ways)) for choice in choices)):
        for choice, way in zip(choices, picked, strict=True):
            for predicate, answer in zip(choice.predicates, choice.ways[way], strict=True):
                answers[predicate] = answer
        decided[picked] = combine(answers)
    return EveryWay(choices, decided)


def _definite(decisions: Sequence[Decision]) -> Decision:
    """Name what decides under every value, or all that decide under some if none always does."""
    first = decisions[0]
    always = [d for d in first.decided_by if all(d in other.decided_by for other in decisions)]
    sometimes = dict.fromkeys(d for decision in decisions for d in decision.decided_by)
    return Decision(first.decision, tuple(always or sometimes), ())


def _denying(decisions: Iterable[Decision]) -> tuple[Decider, ...]:
    found = {
        decider
        for decision in decisions
        if decision.decision is not DecisionOutcome.ALLOWED
        for decider in decision.decided_by
    }
    return tuple(decider for decider in Decider if decider in found)


def _matters(
    number: int, decided: Mapping[tuple[int, ...], T], outcome: Callable[[T], Hashable]
) -> bool:
    """Whether the answer changes with this choice alone, all others held."""
    seen: dict[tuple[int, ...], Hashable] = {}
    for picked, decision in decided.items():
        rest = picked[:number] + picked[number + 1 :]
        found = outcome(decision)
        if seen.setdefault(rest, found) != found:
            return True
    return False


def _without_trying(
    combine: Callable[[Sequence[Ternary]], Decision],
    answers: list[Ternary],
    unsettled: Sequence[OpenPredicate],
    keys: tuple[str, ...],
) -> Decision:
    """Decide by the two extremes of a deny: none of the open predicates holds, or all do.

    A deny that holds with none of them true holds for every value. Everything else stays open.
    """
    for item in unsettled:
        answers[item.predicate] = False
    least = combine(answers)
    if least.decision is DecisionOutcome.EXPLICIT_DENY:
        return least
    for item in unsettled:
        answers[item.predicate] = True
    return Decision(DecisionOutcome.UNKNOWN, _denying((least, combine(answers))), keys)


def _choices(unsettled: Sequence[OpenPredicate]) -> list[OpenChoice]:
    by_key: dict[str, list[OpenPredicate]] = {}
    choices: list[OpenChoice] = []
    for item in unsettled:
        if item.condition is None:
            choices.append(OpenChoice(item.unknown_keys, (item.predicate,), ((True,), (False,))))
        else:
            by_key.setdefault(item.condition.key, []).append(item)
    for key, items in by_key.items():
        conditions = tuple(item.condition for item in items if item.condition is not None)
        predicates = tuple(item.predicate for item in items)
        choices.append(OpenChoice((key,), predicates, reachable(conditions)))
    return choices


@lru_cache(maxsize=4096)
def reachable(conditions: tuple[CompiledCondition, ...]) -> tuple[Way, ...]:
    """Return every way in which fixed conditions on one key can hold together, perhaps more.

    The key counts as multivalued if a condition uses a set operator on it; then every list of
    values counts too.
    """
    several = any(condition.set_operator is not None for condition in conditions)
    elements = _element_ways(conditions)
    if elements is None or (several and len(elements) > _MOST_ELEMENTS):
        return _all_ways(len(conditions))
    ways = {_way(conditions, ABSENT), _way(conditions, "")}
    if not several:
        ways.update(elements)
        return tuple(sorted(ways))
    ways.add(_way(conditions, ("",)))
    listed = sorted(elements)
    for chosen in range(1, 1 << len(listed)):
        picked = [way for index, way in enumerate(listed) if chosen >> index & 1]
        ways.add(
            tuple(
                all(way[number] for way in picked)
                if _is_every(condition)
                else any(way[number] for way in picked)
                for number, condition in enumerate(conditions)
            )
        )
    return tuple(sorted(ways))


def _is_every(condition: CompiledCondition) -> bool:
    if condition.set_operator is None:
        return condition.negated
    return condition.set_operator is SetOperator.FOR_ALL_VALUES


def _all_ways(count: int) -> tuple[Way, ...]:
    if count > _MOST_FREE:
        # More than are ever tried, so `decide_under_unknowns` gives the question up.
        return tuple((False,) * count for _ in range(_MOST_WAYS + 1))
    return tuple(product((False, True), repeat=count))


def _way(conditions: Sequence[CompiledCondition], value: ContextValue) -> Way:
    return tuple(bool((c.fixed_test or _never)(value)) for c in conditions)


def _never(_: ContextValue) -> bool | None:
    return False


def _element_ways(conditions: Sequence[CompiledCondition]) -> set[Way] | None:
    """Return the ways one text that is present can meet the conditions; None if too many."""
    wild = tuple(dict.fromkeys(glob for c in conditions for glob in patterns(c).wild))
    families = {_family(condition) for condition in conditions} - {None}
    if len(wild) > _MOST_WILD or (len(families) > 1 and not families <= _TEXTUAL):
        return None
    samples = [sample for c in conditions for sample in text_samples(c)]
    ways = {tuple(_meets(c, sample) for c in conditions) for sample in (*samples, FRESH, "")}
    for number in number_samples(conditions):
        ways.add(tuple(_meets_number(c, number) for c in conditions))
    if families & _TEXTUAL:
        for chosen in range(1 << len(wild)):
            subset = [glob for index, glob in enumerate(wild) if chosen >> index & 1]
            if all(_may_meet(a, b) for i, a in enumerate(subset) for b in subset[:i]):
                matched = frozenset(subset)
                ways.add(tuple(_meets_patterns(c, matched) for c in conditions))
    return ways


def _family(condition: CompiledCondition) -> str | None:
    operator = condition.operator
    if operator is None or operator is Operator.NULL:
        return None
    if operator is Operator.STRING_EQUALS_IGNORE_CASE:
        return "folded"
    if operator in STRING_OPERATORS or operator in ARN_OPERATORS:
        return "text"
    name = operator.value
    return next((family for family in ("Numeric", "Date") if name.startswith(family)), name)


_TEXTUAL: Final = frozenset({"text"})


def _meets(condition: CompiledCondition, sample: str) -> bool:
    """Whether one element that is present meets the condition, taken without its set operator."""
    operator = condition.operator
    if operator is None or operator is Operator.NULL:
        return _way((condition,), "x")[0]
    return make_leaf(operator, fixed_values(condition))(sample) is not condition.negated


def _meets_number(condition: CompiledCondition, number: Decimal) -> bool:
    if is_ordered(condition):
        return number_meets(condition, number)
    return _meets(condition, FRESH)


def _meets_patterns(condition: CompiledCondition, matched: frozenset[Glob]) -> bool:
    """The same for a text that is none of the literals and matches just these patterns."""
    if condition.operator is Operator.NULL:
        return _meets(condition, FRESH)
    parts = patterns(condition)
    matches = parts.everything or not matched.isdisjoint(parts.wild)
    return matches is not condition.negated


def _may_meet(one: Glob, other: Glob) -> bool:
    """Whether two patterns can match one text, judged by their fixed ends."""
    for first, second in (
        (one.tokens[0], other.tokens[0]),
        (one.tokens[-1], other.tokens[-1]),
    ):
        if isinstance(first, str) and isinstance(second, str):
            size = min(len(first), len(second))
            ends = first is one.tokens[-1] and second is other.tokens[-1]
            a, b = (first[-size:], second[-size:]) if ends else (first[:size], second[:size])
            if a != b:
                return False
    return True
