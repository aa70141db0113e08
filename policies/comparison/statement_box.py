"""A statement as a box: the conjunction of literals over the dimensions of one question."""

from __future__ import annotations

from dataclasses import dataclass

from policies.language.conditions import Test


@dataclass(frozen=True, slots=True)
class StatementAtom:
    """One literal of a statement: the dimension's number, its bit, and whether it must hold."""

    dimension: int
    bit: int
    holds: bool


@dataclass(frozen=True, slots=True)
class StatementBox:
    """A statement without its actions: the conjunction of its literals.

    `true` and `false` are the same literals as ints; `dimensions` those they lie in.
    """

    atoms: tuple[StatementAtom, ...]
    true: int
    false: int
    dimensions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AtomTest:
    """A test of one value (`name`: of which key), which must come out as `holds`."""

    name: str
    test: Test
    holds: bool
