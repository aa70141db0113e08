"""Which parts of a large hierarchy are drawn, and what stands for the others.

A browser draws about 100 parts a second on a slow machine, and a part of a few pixels says nothing.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from governance.web.parts.charts import ChartPart

MOST_DRAWN: Final = 120

# Makes the part for children that are not drawn one by one: the parent as it is drawn, those
# children, all parts below them, and the number of the first of them.
MakeFold = Callable[[ChartPart, Sequence[ChartPart], Sequence[ChartPart], int], ChartPart]


@dataclass(frozen=True, slots=True)
class DrawnParts:
    """The parts to draw, parents before children.

    `stands_for`: the drawn part for each part that is not drawn. `is_cut`: some drawn part has
    children of which none is drawn. `first`: the number of the first child of the top that is
    drawn, by size; 1 unless others were asked for.
    """

    parts: tuple[ChartPart, ...]
    stands_for: Mapping[str, str]
    is_cut: bool
    first: int


def drawn_parts(parts: Sequence[ChartPart], *, first: int, fold: MakeFold) -> DrawnParts:
    """Draw whole levels from the top as far as there is room, and the largest of one level more.

    `first`: the number of the top's child, by size, to begin with; those before it are left out.
    """
    folding = _Folding(parts, first)
    folding.choose()
    drawn = tuple(folding.walk(folding.top, fold))
    return DrawnParts(drawn, folding.stands_for, folding.is_cut(drawn), folding.first)


class _Folding:
    def __init__(self, parts: Sequence[ChartPart], first: int) -> None:
        self._children: dict[str, list[ChartPart]] = defaultdict(list)
        for part in parts[1:]:
            self._children[part.parent_key].append(part)
        self.top = parts[0]
        here = self._children[self.top.key]
        self.first = first if first <= len(here) else 1
        self._order = {part.key: number for number, part in enumerate(parts)}
        before = {part.key for part in self._by_size(here)[: self.first - 1]}
        self._children[self.top.key] = [part for part in here if part.key not in before]
        self._drawn: dict[str, list[ChartPart]] = {}
        self.stands_for: dict[str, str] = {}

    def _by_size(self, parts: Sequence[ChartPart]) -> list[ChartPart]:
        return sorted(parts, key=lambda part: (-part.size, self._order[part.key]))

    def choose(self) -> None:
        """Choose the children of each part that are drawn one by one."""
        room, level = MOST_DRAWN - 1, [self.top]
        while level:
            parents = [part for part in level if self._children[part.key]]
            below = [child for part in parents for child in self._children[part.key]]
            if len(below) > room:
                self._choose_largest(parents, room)
                return
            for part in parents:
                self._drawn[part.key] = self._children[part.key]
            room, level = room - len(below), below

    def _choose_largest(self, parents: Sequence[ChartPart], room: int) -> None:
        """Choose the largest of a level that has no room, a place for each parent's fold left.

        Each parent has one place, and they share the others by their size. A level with less than
        two places a parent is not begun.
        """
        if room < 2 * len(parents):
            return
        claims = [
            (parent.size / place if place else math.inf, child)
            for parent in parents
            for place, child in enumerate(self._by_size(self._children[parent.key]))
        ]
        claims.sort(key=lambda claim: (-claim[0], self._order[claim[1].key]))
        kept = {child.key for _, child in claims[: room - len(parents)]}
        for parent in parents:
            children = self._children[parent.key]
            chosen = [part for part in children if part.key in kept]
            if len(chosen) == len(children) - 1:
                chosen = children  # the fold would take the place of the one
            self._drawn[parent.key] = chosen

    def walk(self, part: ChartPart, fold: MakeFold) -> Iterator[ChartPart]:
        """Yield a part and what is drawn of all below it."""
        yield part
        children, chosen = self._children[part.key], self._drawn.get(part.key)
        if chosen is None:
            self._stand(part.key, children)
            return
        for child in chosen:
            yield from self.walk(child, fold)
        if len(chosen) < len(children):
            keys = {child.key for child in chosen}
            others = [child for child in children if child.key not in keys]
            first = len(chosen) + (self.first if part is self.top else 1)
            below = list(self._below(others))
            made = fold(part, others, below, first)
            self._stand(made.key, others)
            yield made

    def _below(self, parts: Sequence[ChartPart]) -> Iterator[ChartPart]:
        for part in parts:
            yield part
            yield from self._below(self._children[part.key])

    def _stand(self, key: str, parts: Sequence[ChartPart]) -> None:
        for part in self._below(parts):
            self.stands_for[part.key] = key

    def is_cut(self, drawn: Sequence[ChartPart]) -> bool:
        """Whether a drawn part has children of which none is drawn."""
        return any(self._children[part.key] and part.key not in self._drawn for part in drawn)
