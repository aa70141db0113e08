"""Pairs of literals that contradict each other, so that no box that has both need be searched.

A literal is an atom that holds, or one that does not. Most boxes that are empty are so for two of
their literals, and many boxes have the same two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from policies.comparison.dimensions import single_bits

_Literal = tuple[int, bool]
"""An atom's bit, and whether it holds."""


class Contradictions:
    """`is_empty`: whether a box of two literals (or one that contradicts itself) is empty."""

    def __init__(self, is_empty: Callable[[int, int], bool]) -> None:
        self._is_empty = is_empty
        # Of each literal: those it was tried with, and those of them that it contradicts.
        self._tried: dict[_Literal, tuple[int, int]] = {}
        self._contradicted: dict[_Literal, tuple[int, int]] = {}

    def in_box(self, true: int, false: int) -> bool:
        """Whether two literals of a box contradict each other."""
        literals = list(_literals(true, false))
        for literal in literals:
            other_true, other_false = self._contradicted.get(literal, (0, 0))
            if other_true & true or other_false & false:
                return True
        return any(self._contradicts(literal, true, false) for literal in literals)

    def _contradicts(self, literal: _Literal, true: int, false: int) -> bool:
        """Try a literal with those of a box that it was not tried with; whether one contradicts."""
        bit, holds = literal
        tried_true, tried_false = self._tried.get(literal, (0, 0))
        for other, other_holds in _literals(true & ~tried_true, false & ~tried_false):
            first, second = _box(bit, holds=holds), _box(other, holds=other_holds)
            found = self._is_empty(first[0] | second[0], first[1] | second[1])
            for known in (self._tried, self._contradicted) if found else (self._tried,):
                _add(known, literal, second)
                _add(known, (other, other_holds), first)
            if found:
                return True
        return False


def _literals(true: int, false: int) -> Iterator[_Literal]:
    for bit in single_bits(true):
        yield bit, True
    for bit in single_bits(false):
        yield bit, False


def _box(bit: int, *, holds: bool) -> tuple[int, int]:
    return (bit, 0) if holds else (0, bit)


def _add(known: dict[_Literal, tuple[int, int]], literal: _Literal, more: tuple[int, int]) -> None:
    true, false = known.get(literal, (0, 0))
    known[literal] = (true | more[0], false | more[1])
