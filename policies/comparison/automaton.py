"""Is there a text that matches a pattern of each group and none of the others?

All patterns run at once in one automaton whose state is one int, a bit for each position that has
been reached in each pattern. The search is breadth first, so what it finds is shortest, and it
is exhaustive: None is a proof.
"""

from __future__ import annotations

from collections.abc import Sequence

from policies.comparison.shapes import PatternShape, ShapeLoop
from policies.language.patterns import Wild

_FRESH = "xqzjkvw0189_-~\u00a7\u00b6\u0416\u3042"
_MOST_LETTERS_TRIED = 100_000


class SearchLimit(Exception):
    """More states than allowed: nothing is proven either way."""


class Automaton:
    """Shapes laid side by side in one int. `groups` must each have a match, `barred` none."""

    def __init__(
        self, groups: Sequence[Sequence[PatternShape]], barred: Sequence[PatternShape]
    ) -> None:
        self.start = 0
        self.literals: dict[str, int] = {}
        self.any_unit = self.part_unit = self.any_loop = self.part_loop = 0
        self.fatal = 0
        self._offset = 0
        self.groups = tuple(self._lay_group(group) for group in groups)
        accepting = 0
        for shape in barred:
            last = self._lay(shape)[1]
            accepting |= last
            if shape.loops[-1] is ShapeLoop.ANY:
                self.fatal |= last
        self.barred = accepting
        self.fresh = self._fresh_letter()

    def _lay_group(self, shapes: Sequence[PatternShape]) -> tuple[int, int]:
        states = accepting = 0
        for shape in shapes:
            span, last = self._lay(shape)
            states |= span
            accepting |= last
        return states, accepting

    def _lay(self, shape: PatternShape) -> tuple[int, int]:
        offset = self._offset
        self.start |= 1 << offset
        for index, unit in enumerate(shape.units):
            bit = 1 << (offset + index)
            if unit is Wild.ONE:
                self.any_unit |= bit
            elif unit is Wild.ONE_IN_PART:
                self.part_unit |= bit
            elif not isinstance(unit, Wild):
                for char in unit:
                    self.literals[char] = self.literals.get(char, 0) | bit
        for index, loop in enumerate(shape.loops):
            if loop is ShapeLoop.ANY:
                self.any_loop |= 1 << (offset + index)
            elif loop is ShapeLoop.PART:
                self.part_loop |= 1 << (offset + index)
        size = len(shape.units) + 1
        self._offset += size
        return ((1 << size) - 1) << offset, 1 << (offset + size - 1)

    def _fresh_letter(self) -> str:
        for char in _FRESH:
            if char not in self.literals:
                return char
        at = 0x4E00
        while chr(at) in self.literals:
            at += 1
        return chr(at)

    def step(self, state: int, char: str) -> int:
        """Return the state after one more character."""
        moving = self.literals.get(char, 0) | self.any_unit
        staying = self.any_loop
        if char != ":":
            moving |= self.part_unit
            staying |= self.part_loop
        return ((state & moving) << 1) | (state & staying)

    def run(self, state: int, text: str) -> int:
        """Return the state after a text."""
        for char in text:
            state = self.step(state, char)
        return state

    def is_alive(self, state: int) -> bool:
        """Whether a good end is not yet out of reach."""
        if state & self.fatal:
            return False
        return all(state & span for span, _ in self.groups)

    def accepts(self, state: int) -> bool:
        """Whether the text read so far is one that is sought."""
        return not state & self.barred and all(state & last for _, last in self.groups)


def search(
    groups: Sequence[Sequence[PatternShape]], barred: Sequence[PatternShape], *, limit: int
) -> str | None:
    """Return a shortest non-empty text that matches a shape of each group and no barred one.

    :raises SearchLimit: more than `limit` states were met.
    """
    automaton = Automaton(groups, barred)
    reached: dict[int, tuple[int, str]] = {automaton.start: (-1, "")}
    if not automaton.is_alive(automaton.start):
        return None
    ends = frozenset(":") | {automaton.fresh}
    frontier = [automaton.start]
    tried = 0
    while frontier:
        following: list[int] = []
        for state in frontier:
            live = [char for char, mask in automaton.literals.items() if state & mask]
            for char in sorted(ends.union(live)):
                tried += 1
                after = automaton.step(state, char)
                if after == automaton.start and automaton.accepts(after):
                    return _text(reached, state) + char
                if after in reached or not automaton.is_alive(after):
                    continue
                reached[after] = (state, char)
                if automaton.accepts(after):
                    return _text(reached, after)
                following.append(after)
            if len(reached) > limit or tried > _MOST_LETTERS_TRIED:
                raise SearchLimit
        frontier = following
    return None


def _text(reached: dict[int, tuple[int, str]], state: int) -> str:
    chars: list[str] = []
    while state in reached:
        state, char = reached[state]
        chars.append(char)
    return "".join(reversed(chars))
