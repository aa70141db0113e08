"""Whether a condition holds for a key's value: the one truth for evaluation and comparison.

`make_leaf` tests one text against an operator's values; `make_test` adds what a key's absence, a
list, IfExists, negation and the set operators mean. Both take values whose variables are filled in.

Source: IAM user guide, "IAM JSON policy elements: Condition operators", "Set operators for
multivalued context keys", "…IfExists condition operators", "Condition operator to check existence
of condition keys (Null)". The rules, for a key whose value is …

| | absent or `()` | one text | a list |
|---|---|---|---|
| positive operator | false | matches | some element matches |
| negated operator | true | does not match | no element matches |
| ForAllValues | true | as a list; `''` true | every element (does not) match |
| ForAnyValue, negated or not | false | as a list; `''` false | some element (does not) match |
| … IfExists | true | as without it | as without it |
| Null | its value `true` | its value `false` | its value `false` |

UNKNOWN stands for every one of these: the test gives None, unless all of them agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from policies.language.conditions.arn import arn_leaf
from policies.language.conditions.binary import binary_leaf
from policies.language.conditions.boolean import boolean_leaf, parse_boolean
from policies.language.conditions.dates import date_leaf
from policies.language.conditions.ip import ip_leaf
from policies.language.conditions.numeric import numeric_leaf
from policies.language.conditions.string import plain_text, string_leaf
from policies.language.conditions.values import (
    ABSENT,
    UNKNOWN,
    ContextValue,
    Leaf,
    Missing,
)
from policies.language.document import Operator, SetOperator
from policies.language.patterns import Piece, match_everything

Test = Callable[[ContextValue], bool | None]
"""A key's value → does the condition hold; None where that is not known."""

Values = tuple[tuple[Piece, ...], ...]

STRING_OPERATORS: Final = frozenset(
    {Operator.STRING_EQUALS, Operator.STRING_EQUALS_IGNORE_CASE, Operator.STRING_LIKE}
)
ARN_OPERATORS: Final = frozenset({Operator.ARN_EQUALS, Operator.ARN_LIKE})
NUMERIC_OPERATORS: Final = frozenset(o for o in Operator if o.value.startswith("Numeric"))
DATE_OPERATORS: Final = frozenset(o for o in Operator if o.value.startswith("Date"))
VARIABLE_OPERATORS: Final = STRING_OPERATORS | ARN_OPERATORS
"""The operators whose values may hold policy variables."""

_REMEMBERED: Final = 1024
"""How many values of a key a pattern test remembers before it forgets them all."""


@lru_cache(maxsize=16384)
def make_leaf(operator: Operator, values: Values) -> Leaf:
    """Return the test of one text against an operator's values, the operator taken positively.

    :raises ValueError: `Null`, which looks at a key's presence and not at its text.
    """
    if operator in STRING_OPERATORS:
        return string_leaf(operator, values)
    if operator in ARN_OPERATORS:
        return arn_leaf(values)
    texts = [plain_text(value) for value in values]
    if operator in NUMERIC_OPERATORS:
        return numeric_leaf(operator, texts)
    if operator in DATE_OPERATORS:
        return date_leaf(operator, texts)
    if operator is Operator.BOOL:
        return boolean_leaf(texts)
    if operator is Operator.BINARY_EQUALS:
        return binary_leaf(texts)
    if operator is Operator.IP_ADDRESS:
        return ip_leaf(texts)
    raise ValueError("Null has no test of a text")


@lru_cache(maxsize=16384)
def make_test(
    operator: Operator | None,
    values: Values,
    *,
    negated: bool = False,
    set_operator: SetOperator | None = None,
    if_exists: bool = False,
    incomplete: bool = False,
) -> Test:
    """Return a condition's test of a key's value. Equal arguments give the same function.

    `incomplete`: some further values are not known (variables of unknown keys), so that "matches
    none of the values" is itself unknown. Without an operator (`None`, AWS has no such) the test
    always gives None.
    """
    if operator is None:
        return _unknown
    if operator is Operator.NULL:
        return _null_test([plain_text(value) for value in values])
    leaf = make_leaf(operator, values)
    element = _element_test(_remembering(leaf), negated=negated, incomplete=incomplete)
    if set_operator is SetOperator.FOR_ALL_VALUES:
        test = _for_all_values(element)
    elif set_operator is SetOperator.FOR_ANY_VALUE:
        test = _for_any_value(element, if_absent=if_exists)
    else:
        test = _single(element, negated=negated, if_absent=if_exists or negated)
    if not incomplete and (not values or leaf is match_everything):
        answers = {test(sample) for sample in _EVERY_SHAPE}
        if len(answers) == 1:
            return _true if answers == {True} else _false
    return test


Element = Callable[[str], bool | None]


def _remembering(leaf: Leaf) -> Leaf:
    known: dict[str, bool] = {}

    def remembered(text: str) -> bool:
        found = known.get(text)
        if found is None:
            if len(known) >= _REMEMBERED:
                known.clear()
            found = known[text] = leaf(text)
        return found

    return remembered


def _element_test(leaf: Leaf, *, negated: bool, incomplete: bool) -> Element:
    if incomplete:
        if_matched = not negated
        return lambda text: if_matched if leaf(text) else None
    if negated:
        return lambda text: not leaf(text)
    return leaf


def _single(element: Element, *, negated: bool, if_absent: bool) -> Test:
    quantify = every if negated else some

    def test(value: ContextValue) -> bool | None:
        if value.__class__ is str:
            return element(value)
        if value is UNKNOWN:
            return None
        if value is ABSENT or not value:
            return if_absent
        return quantify(element, value)

    return test


def _for_all_values(element: Element) -> Test:
    def test(value: ContextValue) -> bool | None:
        if value is UNKNOWN:
            return None
        if value is ABSENT or value in _EMPTY:
            return True
        return every(element, _elements(value))

    return test


def _for_any_value(element: Element, *, if_absent: bool) -> Test:
    def test(value: ContextValue) -> bool | None:
        if value is UNKNOWN:
            return None
        if value is ABSENT or value == ():
            return if_absent
        if value in _EMPTY:
            return False
        return some(element, _elements(value))

    return test


_EMPTY: Final[frozenset[ContextValue]] = frozenset({"", (), ("",)})


_EVERY_SHAPE: Final[tuple[ContextValue, ...]] = (ABSENT, (), "", "x", ("",), ("x", "y"))


def _elements(value: ContextValue) -> tuple[str, ...]:
    if isinstance(value, Missing):
        return ()
    return (value,) if isinstance(value, str) else value


def _null_test(values: Sequence[str]) -> Test:
    wanted = frozenset(map(parse_boolean, values)) - {None}
    if wanted == {True, False}:
        return _true
    if not wanted:
        return _false

    def test(value: ContextValue) -> bool | None:
        if value is UNKNOWN:
            return None
        return (value is ABSENT or value == ()) in wanted

    return test


def some(element: Element, values: Sequence[str]) -> bool | None:
    """Three-valued "some element": True wins, then unknown."""
    answer: bool | None = False
    for value in values:
        found = element(value)
        if found:
            return True
        if found is None:
            answer = None
    return answer


def every(element: Element, values: Sequence[str]) -> bool | None:
    """Three-valued "every element": False wins, then unknown."""
    answer: bool | None = True
    for value in values:
        found = element(value)
        if found is False:
            return False
        if found is None:
            answer = None
    return answer


def _unknown(_: ContextValue) -> bool | None:
    return None


def _true(_: ContextValue) -> bool | None:
    return True


def _false(_: ContextValue) -> bool | None:
    return False
