"""Tests of a text by what they read it as, with the shapes or constants that describe them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from policies.comparison.shapes import PatternShape, caseless_shape, shape_of
from policies.language.conditions import (
    ARN_OPERATORS,
    DATE_OPERATORS,
    NUMERIC_OPERATORS,
    make_leaf,
)
from policies.language.conditions.boolean import parse_boolean
from policies.language.conditions.string import plain_text
from policies.language.conditions.values import Leaf
from policies.language.document import Operator
from policies.language.patterns import Glob, Literal, Piece, arn_glob, string_glob


class ValueFamily(Enum):
    """How a leaf reads a text; leaves of one family share their samples."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    ADDRESS = "address"
    BINARY = "binary"


@dataclass(frozen=True, slots=True, eq=False)
class TextLeaf:
    """One test of a text. `shapes` describe it for the text family, `constants` for others."""

    family: ValueFamily
    test: Leaf
    shapes: tuple[PatternShape, ...]
    constants: tuple[str, ...]


def leaf_of(operator: Operator, values: tuple[tuple[Piece, ...], ...]) -> TextLeaf:
    """Return a condition operator's leaf; the test is the evaluator's own.

    :raises ValueError: `Null`, which tests no text.
    """
    test = make_leaf(operator, values)
    family = _family(operator)
    if family is not ValueFamily.TEXT:
        return TextLeaf(family, test, (), tuple(map(plain_text, values)))
    return TextLeaf(family, test, tuple(dict.fromkeys(_shapes(operator, values))), ())


def _family(operator: Operator) -> ValueFamily:
    if operator in NUMERIC_OPERATORS:
        return ValueFamily.NUMBER
    if operator in DATE_OPERATORS:
        return ValueFamily.DATE
    if operator is Operator.IP_ADDRESS:
        return ValueFamily.ADDRESS
    return ValueFamily.BINARY if operator is Operator.BINARY_EQUALS else ValueFamily.TEXT


def _shapes(operator: Operator, values: Iterable[tuple[Piece, ...]]) -> Iterator[PatternShape]:
    for value in values:
        if operator in ARN_OPERATORS:
            shape = _arn_shape(value)
            if shape is not None:
                yield shape
        elif operator is Operator.STRING_LIKE:
            yield shape_of(string_glob(value))
        elif operator is Operator.STRING_EQUALS:
            yield shape_of(string_glob((Literal(plain_text(value)),)))
        elif operator is not Operator.BOOL or parse_boolean(plain_text(value)) is not None:
            yield caseless_shape(plain_text(value))


@lru_cache(maxsize=16_384)
def _arn_shape(value: tuple[Piece, ...]) -> PatternShape | None:
    glob = arn_glob(value)
    return None if glob is None else shape_of(glob)


def globs_leaf(globs: Sequence[Glob], test: Leaf) -> TextLeaf:
    """Return the leaf "matches one of `globs`", of which `test` is the test."""
    return TextLeaf(ValueFamily.TEXT, test, tuple(dict.fromkeys(map(shape_of, globs))), ())
