"""The conditions of a box in words: `aws:RequestedRegion` is one of `eu-west-3`, …"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from policies.comparison.caller_dimension import CallerDimension
from policies.comparison.dimensions import (
    KeyDimension,
    OpaqueDimension,
    TextDimension,
    single_bits,
)
from policies.comparison.space import ACTION, RESOURCE, DimensionName, Space
from policies.comparison.text_leaves import TextLeaf
from policies.compiled import CompiledCondition
from policies.context_keys import spelled
from policies.language.conditions.boolean import parse_boolean
from policies.language.conditions.values import ABSENT
from policies.language.document import Operator, SetOperator
from policies.language.operators import OperatorParts, operator_name

_SHOWN: Final = 12
_VERBS: Final = {
    Operator.STRING_EQUALS: ("is", "is not"),
    Operator.STRING_EQUALS_IGNORE_CASE: ("in any case is", "in no case is"),
    Operator.STRING_LIKE: ("matches", "does not match"),
    Operator.ARN_EQUALS: ("matches", "does not match"),
    Operator.ARN_LIKE: ("matches", "does not match"),
    Operator.BOOL: ("is", "is not"),
    Operator.BINARY_EQUALS: ("is", "is not"),
    Operator.IP_ADDRESS: ("lies in", "lies outside"),
    Operator.NUMERIC_EQUALS: ("equals", "does not equal"),
    Operator.NUMERIC_LESS_THAN: ("is less than", "is not less than"),
    Operator.NUMERIC_LESS_THAN_EQUALS: ("is at most", "is not at most"),
    Operator.NUMERIC_GREATER_THAN: ("is greater than", "is not greater than"),
    Operator.NUMERIC_GREATER_THAN_EQUALS: ("is at least", "is not at least"),
    Operator.DATE_EQUALS: ("is", "is not"),
    Operator.DATE_LESS_THAN: ("is before", "is not before"),
    Operator.DATE_LESS_THAN_EQUALS: ("is not after", "is after"),
    Operator.DATE_GREATER_THAN: ("is after", "is not after"),
    Operator.DATE_GREATER_THAN_EQUALS: ("is not before", "is before"),
}
ALWAYS: Final = "always"


def box_phrases(
    space: Space, true: int, false: int, known: dict[tuple[int, int], list[str]]
) -> tuple[str, ...]:
    """Return when a request lies in a box, apart from its action; none if nothing more is needed.

    All phrases hold together. `known`: what was said of single dimensions of this space before,
    which is added to.
    """
    phrases: list[str] = []
    for at in space.used(true, false):
        mask = space.masks[at]
        if space.names[at] != ACTION:
            key = (true & mask, false & mask)
            said = known.get(key)
            if said is None:
                said = known[key] = _phrases(space, at, *key)
            phrases += said
    return tuple(phrases)


def in_words(phrases: Sequence[str]) -> str:
    """Return the phrases of a box as one text, `always` for none."""
    return " and ".join(phrases) or ALWAYS


def _phrases(space: Space, at: int, true: int, false: int) -> list[str]:
    kept_true, kept_false = _without_implied(space, at, true, false)
    return list(_dimension(space, at, space.names[at], kept_true, kept_false))


def _without_implied(space: Space, at: int, true: int, false: int) -> tuple[int, int]:
    """Drop each atom that the others imply, those with the most to say first."""
    for bit in single_bits(true | false):
        if true & bit:
            if space.is_empty(at, true & ~bit, false | bit):
                true &= ~bit
        elif space.is_empty(at, true | bit, false & ~bit):
            false &= ~bit
    return true, false


def _dimension(space: Space, at: int, name: DimensionName, true: int, false: int) -> Iterator[str]:
    dimension = space.dimensions[at]
    if isinstance(dimension, TextDimension):
        for bits, holds in ((true, True), (false, False)):
            for bit in single_bits(bits):
                yield _texts("the resource", _leaf_texts(dimension.leaves[bit]), holds=holds)
    elif isinstance(dimension, KeyDimension):
        yield from _key(space, dimension, str(name), true, false)
    elif isinstance(dimension, CallerDimension):
        for key, of_key in dimension.keys.items():
            mask = dimension.mask(key)
            if (true | false) & mask:
                yield from _key(space, of_key, key, true & mask, false & mask)
    elif isinstance(dimension, OpaqueDimension):
        for bits, holds in ((true, True), (false, False)):
            if bits:
                yield _opaque(space, name, holds=holds)


def _key(space: Space, dimension: KeyDimension, key: str, true: int, false: int) -> Iterator[str]:
    subject = "the principal" if key == "aws:principalarn" else f"`{spelled(space.catalogue, key)}`"
    wanted = [(dimension.conditions[bit], True) for bit in single_bits(true)]
    wanted += [(dimension.conditions[bit], False) for bit in single_bits(false)]
    absent_too = dimension.may_be_absent and _holds_absent(wanted)
    if not dimension.is_list:
        is_filled = any(space.as_written(condition) is not condition for condition, _ in wanted)
        exact = None if is_filled else _exact_values(wanted)
        if exact is not None:
            if not exact:
                yield f"{subject} is {'absent' if absent_too else 'empty'}"
                return
            absent = " or absent" if absent_too else ""
            yield f"{subject} is {_listed(exact)}{absent}"
            return
    wanted.sort(key=lambda atom: atom[1] is atom[0].negated)
    phrases = [_phrase(space, subject, condition, holds=holds) for condition, holds in wanted]
    yield from phrases[:-1]
    if not phrases:
        return
    only_presence = all(c.operator is Operator.NULL for c, _ in wanted)
    if only_presence or not dimension.may_be_absent:
        yield phrases[-1]
    elif absent_too:
        yield f"{phrases[-1]} (or it is absent)"
    elif any(_true_if_absent(condition) is holds for condition, holds in wanted):
        yield f"{phrases[-1]} (and it is present)"
    else:
        yield phrases[-1]


def _phrase(space: Space, subject: str, condition: CompiledCondition, *, holds: bool) -> str:
    written = space.as_written(condition)
    if written.key != condition.key:
        subject = f"`{spelled(space.catalogue, written.key)}`"
    return condition_in_words(subject, written, holds=holds)


def _holds_absent(wanted: Sequence[tuple[CompiledCondition, bool]]) -> bool:
    return all(_true_if_absent(condition) is holds for condition, holds in wanted)


def _true_if_absent(condition: CompiledCondition) -> bool:
    test = condition.fixed_test
    return test is not None and test(ABSENT) is True


def _exact_values(wanted: Sequence[tuple[CompiledCondition, bool]]) -> list[str] | None:
    """Return the texts that are left, where a condition leaves only a list of texts."""
    lists = [
        condition.values
        for condition, holds in wanted
        if condition.operator in (Operator.STRING_EQUALS, Operator.BOOL)
        and holds is not condition.negated
    ]
    if not lists:
        return None
    return [
        value
        for value in min(lists, key=len)
        if all(c.fixed_test is not None and c.fixed_test(value) is h for c, h in wanted)
    ]


def condition_in_words(subject: str, condition: CompiledCondition, *, holds: bool) -> str:
    """Return what of a key's value makes a condition hold, or not: `aws:username` is `alice`."""
    operator = condition.operator
    if operator is None:
        return f"{subject}: {condition.written_operator} (no operator of AWS's)"
    if operator is Operator.NULL:
        truths = {parse_boolean(value) for value in condition.values} - {None}
        absent = (True in truths) is holds
        return f"{subject} is {'absent' if absent else 'present'}"
    positive, negative = _VERBS[operator]
    matches = holds is not condition.negated
    values = condition.values
    if condition.set_operator is None:
        return f"{subject} {_verb(positive, negative, matches, values)}"
    every = (condition.set_operator is SetOperator.FOR_ALL_VALUES) is holds
    element = "every value of" if every else "some value of"
    return f"{element} {subject} {_verb(positive, negative, matches, values)}"


def _verb(positive: str, negative: str, matches: bool, values: Sequence[str]) -> str:
    if matches:
        return f"{positive} {_listed(values)}"
    if len(values) > 1 and negative.startswith(("is not", "does not")):
        return f"{positive if positive != 'matches' else 'matches'} none of {_items(values)}"
    return f"{negative} {_listed(values)}"


def _texts(subject: str, values: Sequence[str], *, holds: bool) -> str:
    if holds:
        return f"{subject} matches {_listed(values)}"
    if len(values) > 1:
        return f"{subject} matches none of {_items(values)}"
    return f"{subject} does not match {_listed(values)}"


def _listed(values: Sequence[str]) -> str:
    if not values:
        return "one of an empty list"
    return f"`{values[0]}`" if len(values) == 1 else f"one of {_items(values)}"


def _items(values: Sequence[str]) -> str:
    shown = ", ".join(f"`{value}`" for value in values[:_SHOWN])
    left = len(values) - _SHOWN
    return f"{shown} and {left} more" if left > 0 else shown


def _leaf_texts(leaf: TextLeaf) -> list[str]:
    return [shape.text("*", "?") for shape in leaf.shapes]


def _opaque(space: Space, name: DimensionName, *, holds: bool) -> str:
    if isinstance(name, str):
        return name
    kind, what = name
    if isinstance(what, CompiledCondition):
        operator = operator_of(what)
        key = spelled(space.catalogue, what.key)
        verb = "holds" if holds else "does not hold"
        return f"{operator} of `{key}` with {_items(what.values)} {verb}"
    if kind == RESOURCE:
        return f"the resource {'matches' if holds else 'does not match'} a pattern with variables"
    return f"the principal is {'one' if holds else 'none'} of those that a statement names"


def operator_of(condition: CompiledCondition) -> str:
    """Return a condition's operator as AWS spells it; as written where AWS has no such."""
    if condition.operator is None:
        return condition.written_operator
    return operator_name(
        OperatorParts(
            condition.operator, condition.negated, condition.set_operator, condition.if_exists
        )
    )
