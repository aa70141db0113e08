"""NumericEquals, NumericLessThan and so on. Source: IAM user guide, "Numeric condition operators".

Numbers compare by value (`10` equals `10.0`) and exactly; what is no number matches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from policies.language.conditions.values import Leaf
from policies.language.document import Operator

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")

Comparison = Callable[[Decimal, Sequence[Decimal]], bool]


def parse_number(text: str) -> Decimal | None:
    """Return the number a text stands for; None for any other text."""
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


ORDERED: Final[dict[str, Comparison]] = {
    "Equals": lambda number, limits: number in limits,
    "LessThan": lambda number, limits: number < max(limits),
    "LessThanEquals": lambda number, limits: number <= max(limits),
    "GreaterThan": lambda number, limits: number > min(limits),
    "GreaterThanEquals": lambda number, limits: number >= min(limits),
}
"""Does a number stand in this relation to at least one of the limits?"""


def ordered_leaf(
    relation: str, values: Sequence[str], parse: Callable[[str], Decimal | None]
) -> Leaf:
    """Return the test of one text against the values of an operator on ordered things."""
    limits = sorted(limit for value in values if (limit := parse(value)) is not None)
    if not limits:
        return _never
    compare = ORDERED[relation]

    def leaf(text: str) -> bool:
        number = parse(text)
        return number is not None and compare(number, limits)

    return leaf


def numeric_leaf(operator: Operator, values: Sequence[str]) -> Leaf:
    """Return the test of one text against a numeric operator's values."""
    return ordered_leaf(operator.value.removeprefix("Numeric"), values, parse_number)


def _never(_: str) -> bool:
    return False
