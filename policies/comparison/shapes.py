"""Patterns as sequences of positions, and how two of them relate.

A shape has units (each accepts one character) and, before, between and after them, loops that a
star makes. State `i` means that `i` units have been read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final

from policies.language.patterns import Glob, Wild


class ShapeLoop(IntEnum):
    """What a state may read without moving on."""

    NONE = 0
    PART = 1
    ANY = 2


ShapeUnit = str | frozenset[str] | Wild
"""One character, one of several, `Wild.ONE` or `Wild.ONE_IN_PART`."""


@dataclass(frozen=True, slots=True, eq=False)
class PatternShape:
    """`loops` has one element more than `units`: the loop of each state.

    Shapes compare by identity; equal patterns give one object.
    """

    units: tuple[ShapeUnit, ...]
    loops: tuple[ShapeLoop, ...]

    @property
    def literal(self) -> str | None:
        """The one text that matches, if there is only one."""
        if any(self.loops) or not all(isinstance(unit, str) for unit in self.units):
            return None
        return "".join(unit for unit in self.units if isinstance(unit, str))

    def text(self, filling: str, single: str = "1") -> str:
        """Return a text that matches where `filling` suits each star and `single` each `?`."""
        parts: list[str] = []
        for index, loop in enumerate(self.loops):
            if loop is not ShapeLoop.NONE:
                parts.append(filling)
            if index < len(self.units):
                unit = self.units[index]
                if isinstance(unit, Wild):
                    parts.append(single)
                elif isinstance(unit, str):
                    parts.append(unit)
                else:
                    parts.append(min(unit, key=lambda char: (not char.islower(), char)))
        return "".join(parts)


@lru_cache(maxsize=65_536)
def shape_of(glob: Glob) -> PatternShape:
    """Return a pattern's shape."""
    units: list[ShapeUnit] = []
    loops: list[ShapeLoop] = [ShapeLoop.NONE]
    for token in glob.tokens:
        if isinstance(token, str):
            units.extend(token)
            loops.extend([ShapeLoop.NONE] * len(token))
        elif token is Wild.ANY or token is Wild.PART:
            loops[-1] = max(loops[-1], ShapeLoop.ANY if token is Wild.ANY else ShapeLoop.PART)
        else:
            units.append(token)
            loops.append(ShapeLoop.NONE)
    return PatternShape(tuple(units), tuple(loops))


_ALSO_FOLDED: Final = {"k": "\u212a", "\u00e5": "\u212b"}
"""Characters whose lower case is another's: the Kelvin and Angstrom signs."""


@lru_cache(maxsize=4096)
def caseless_shape(text: str) -> PatternShape:
    """Return the shape of all texts whose lower case is `text`'s."""
    units: list[ShapeUnit] = []
    for char in text.lower():
        same = {char, _ALSO_FOLDED.get(char, char)}
        upper = char.upper()
        if len(upper) == 1 and upper.lower() == char:
            same.add(upper)
        units.append(frozenset(same) if len(same) > 1 else char)
    return PatternShape(tuple(units), (ShapeLoop.NONE,) * (len(units) + 1))


def _unit_and(a: ShapeUnit, b: ShapeUnit) -> ShapeUnit | None:
    """Return the unit that accepts what both accept."""
    if isinstance(a, Wild):
        a, b = b, a
    if isinstance(a, Wild):
        return Wild.ONE_IN_PART if Wild.ONE_IN_PART in (a, b) else Wild.ONE
    if isinstance(b, Wild):
        return a if b is Wild.ONE or a != ":" else None
    if isinstance(a, str):
        return a if a == b or (not isinstance(b, str) and a in b) else None
    if isinstance(b, str):
        return b if b in a else None
    both = a & b
    return both or None


def _unit_within(unit: ShapeUnit, loop: ShapeLoop) -> ShapeUnit | None:
    """Return the unit as far as a loop reads it."""
    if loop is ShapeLoop.ANY:
        return unit
    return _unit_and(unit, Wild.ONE_IN_PART) if loop is ShapeLoop.PART else None


@lru_cache(maxsize=200_000)
def meet(a: PatternShape, b: PatternShape) -> PatternShape | None:
    """Return a shape within both, with as many stars kept as one way through allows.

    None if and only if no text matches both: the search over pairs of states is exhaustive.
    """
    if not _ends_may_meet(a, b):
        return None
    seen: set[tuple[int, int]] = set()
    ends = (len(a.units), len(b.units))
    # Depth first with an explicit stack; each entry remembers how it was reached.
    path: list[tuple[int, int, ShapeUnit | None]] = []
    stack: list[tuple[int, int, ShapeUnit | None, int]] = [(0, 0, None, 0)]
    while stack:
        i, j, unit, depth = stack.pop()
        if (i, j) in seen:
            continue
        seen.add((i, j))
        del path[depth:]
        path.append((i, j, unit))
        if (i, j) == ends:
            return _along(a, b, path)
        # The stack turns the order round: ways that leave a star in place are tried first.
        if i < ends[0] and j < ends[1] and (taken := _unit_and(a.units[i], b.units[j])):
            stack.append((i + 1, j + 1, taken, depth + 1))
        if j < ends[1] and (taken := _unit_within(b.units[j], a.loops[i]) if a.loops[i] else None):
            stack.append((i, j + 1, taken, depth + 1))
        if i < ends[0] and (taken := _unit_within(a.units[i], b.loops[j]) if b.loops[j] else None):
            stack.append((i + 1, j, taken, depth + 1))
    return None


def _ends_may_meet(a: PatternShape, b: PatternShape) -> bool:
    """Whether the literal beginnings, and the literal ends, of two shapes agree."""
    first, second = literal_beginning(a), literal_beginning(b)
    if not (first.startswith(second) or second.startswith(first)):
        return False
    first, second = _literal_end(a), _literal_end(b)
    return first.endswith(second) or second.endswith(first)


@lru_cache(maxsize=65_536)
def literal_beginning(shape: PatternShape) -> str:
    """Return the text with which all that matches begins, as far as the shape spells it."""
    chars: list[str] = []
    for unit, loop in zip(shape.units, shape.loops, strict=False):
        if loop is not ShapeLoop.NONE or not isinstance(unit, str):
            break
        chars.append(unit)
    return "".join(chars)


@lru_cache(maxsize=65_536)
def _literal_end(shape: PatternShape) -> str:
    chars: list[str] = []
    for unit, loop in zip(reversed(shape.units), reversed(shape.loops), strict=False):
        if loop is not ShapeLoop.NONE or not isinstance(unit, str):
            break
        chars.append(unit)
    return "".join(reversed(chars))


def _along(
    a: PatternShape, b: PatternShape, path: list[tuple[int, int, ShapeUnit | None]]
) -> PatternShape:
    units = tuple(unit for _, _, unit in path if unit is not None)
    loops = tuple(min(a.loops[i], b.loops[j]) for i, j, _ in path)
    return PatternShape(units, loops)


@lru_cache(maxsize=200_000)
def covers(wide: PatternShape, narrow: PatternShape) -> bool:
    """Whether `wide` surely matches all that `narrow` matches.

    `narrow` is read as a text in which a star is a letter of its own that only a star as wide
    reads. True is a proof; False may miss that several characters together cover a star.
    """
    begin = len(literal_beginning(wide))
    if not literal_beginning(narrow).startswith(literal_beginning(wide)):
        return False
    states = {begin}
    for index in range(begin, len(narrow.units) + 1):
        loop = narrow.loops[index]
        if loop is not ShapeLoop.NONE:
            states = {state for state in states if wide.loops[state] >= loop}
        if index < len(narrow.units):
            states = _read(wide, states, narrow.units[index])
        if not states:
            return False
    return len(wide.units) in states


def _read(wide: PatternShape, states: set[int], unit: ShapeUnit) -> set[int]:
    after: set[int] = set()
    for state in states:
        loop = wide.loops[state]
        if loop is ShapeLoop.ANY or (loop is ShapeLoop.PART and _has_no_colon(unit)):
            after.add(state)
        if state < len(wide.units) and _unit_covers(wide.units[state], unit):
            after.add(state + 1)
    return after


def _has_no_colon(unit: ShapeUnit) -> bool:
    if isinstance(unit, Wild):
        return unit is Wild.ONE_IN_PART
    return unit != ":" if isinstance(unit, str) else ":" not in unit


def _unit_covers(wide: ShapeUnit, narrow: ShapeUnit) -> bool:
    if isinstance(wide, Wild):
        return wide is Wild.ONE or _has_no_colon(narrow)
    if isinstance(narrow, Wild):
        return False
    return frozenset(narrow) <= frozenset(wide)
