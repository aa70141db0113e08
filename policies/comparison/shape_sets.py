"""Sets of shapes as ints, and what of them changes nothing for texts that must match several.

Which shapes meet and which cover which is found once for each pair that is asked about; after that
questions about sets of them are answered by ints.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from policies.comparison.shapes import PatternShape, covers, literal_beginning, meet


class ShapeSets:
    """Gives each shape a bit; a set of shapes is an int."""

    def __init__(self) -> None:
        self._shapes: list[PatternShape] = []
        self._bit: dict[PatternShape, int] = {}
        self._beginning: dict[str, int] = {}
        self._lengths: list[int] = []
        # Of each shape: those it was held against, and those of them that cover it.
        self._held: list[int] = []
        self._covering: list[int] = []
        # Of each shape: those it was tried with, and those of them that it meets.
        self._tried: list[int] = []
        self._met: list[int] = []
        self._meeting: dict[tuple[int, int], int] = {}
        self._within: dict[tuple[int, int], bool] = {}

    def of(self, shapes: Iterable[PatternShape]) -> int:
        """Return a set."""
        found = 0
        for shape in shapes:
            bit = self._bit.get(shape)
            if bit is None:
                bit = self._bit[shape] = 1 << len(self._shapes)
                self._shapes.append(shape)
                self._held.append(bit)
                self._covering.append(bit)
                self._tried.append(bit)
                self._met.append(bit)
                beginning = literal_beginning(shape)
                self._beginning[beginning] = self._beginning.get(beginning, 0) | bit
                self._lengths = sorted({*self._lengths, len(beginning)})
            found |= bit
        return found

    def shapes(self, chosen: int) -> list[PatternShape]:
        """Return the shapes of a set."""
        return [self._shapes[at] for at in _places(chosen)]

    def reduced(self, groups: Sequence[int], barred: int) -> tuple[tuple[int, ...], int] | None:
        """Drop what changes nothing for texts with a shape of each group and no barred one.

        None where a group has nothing left, so that no text fits.
        """
        distinct = list(dict.fromkeys(groups))
        for at, group in enumerate(distinct):
            if not all(self._that_meet(group, other) for other in distinct[at + 1 :]):
                return None
        narrowed = [self._uncovered(group, barred) for group in distinct]
        changed = True
        while changed:
            changed = False
            for at, group in enumerate(narrowed):
                left = group
                for other in narrowed:
                    left = self._that_meet(left, other)
                if not left:
                    return None
                if left != group:
                    narrowed[at] = left
                    changed = True
        distinct = list(dict.fromkeys(narrowed))
        kept: list[int] = []
        for at, group in enumerate(distinct):
            others = (*distinct[at + 1 :], *kept)
            if not any(self._lies_within(other, group) for other in others):
                kept.append(group)
        for group in kept:
            barred = self._that_meet(barred, group)
        return tuple(map(self._widest_of, kept)), self._widest_of(barred)

    def _uncovered(self, group: int, barred: int) -> int:
        """Return the shapes of a group that no barred one covers."""
        left = group
        for at in _places(group):
            if self._that_cover(at, barred):
                left &= ~(1 << at)
        return left

    def _that_meet(self, group: int, other: int) -> int:
        """Return the shapes of a group of which some text has a shape of another group, too."""
        if group == other:
            return group
        key = (group, other)
        found = self._meeting.get(key)
        if found is None:
            found = group
            for at in _places(group & ~other):
                if not self._meets(at, other):
                    found &= ~(1 << at)
            self._meeting[key] = found
        return found

    def _meets(self, at: int, among: int) -> bool:
        """Whether some text has one shape and one of some others."""
        new = among & ~self._tried[at]
        if new and not self._met[at] & among:
            shape, own = self._shapes[at], 1 << at
            self._tried[at] |= new
            for other in _places(new):
                self._tried[other] |= own
                if meet(shape, self._shapes[other]) is not None:
                    self._met[at] |= 1 << other
                    self._met[other] |= own
        return bool(self._met[at] & among)

    def _lies_within(self, narrow: int, wide: int) -> bool:
        """Whether each shape of one set is surely covered by one of another."""
        key = (narrow, wide)
        found = self._within.get(key)
        if found is None:
            found = all(self._that_cover(at, wide) for at in _places(narrow & ~wide))
            self._within[key] = found
        return found

    def _widest_of(self, chosen: int) -> int:
        """Return the shapes that no other one of the set covers."""
        found = 0
        for at in _places(chosen):
            bit = 1 << at
            covering = self._that_cover(at, chosen) & ~bit
            # Of two that cover each other the later one stays.
            if not covering & found and covering < bit:
                found |= bit
        return found

    def _that_cover(self, at: int, among: int) -> int:
        """Return those among some shapes that surely match all that one shape matches."""
        new = among & ~self._held[at]
        if new:
            shape = self._shapes[at]
            beginning = literal_beginning(shape)
            found = 0
            for length in self._lengths:
                if length > len(beginning):
                    break
                for other in _places(self._beginning.get(beginning[:length], 0) & new):
                    if covers(self._shapes[other], shape):
                        found |= 1 << other
            self._held[at] |= new
            self._covering[at] |= found
        return self._covering[at] & among


def _places(bits: int) -> Iterator[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
