"""A text that has a shape of each of some groups and none that is barred, or the proof of none.

First what changes nothing is dropped (`reduce_groups`), then candidates made of the shapes are
tried, and at last the texts are searched exhaustively (`solve`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, product
from typing import Final

from policies.comparison.automaton import SearchLimit, search
from policies.comparison.reasons import Undecided
from policies.comparison.shapes import Shape, covers, literal_beginning, meet

_COMBINATION_STATES: Final = 6_000
_GROUP_STATES: Final = 3_000
_MOST_COMBINATIONS: Final = 256
_FILLINGS: Final = ("example", "x", "", "q-7", "/", ":")

Found = str | Undecided | None
"""A text, why none was found, or None: there is none, and that is proven."""


def reduce_groups(
    groups: list[list[Shape]], barred: list[Shape]
) -> tuple[list[list[Shape]], list[Shape]] | None:
    """Drop what changes nothing; None where a group has nothing left, so that no text fits."""
    barred = list(dict.fromkeys(barred))
    excluding = _Coverers(barred)
    narrowed: list[list[Shape]] = []
    for group in groups:
        left = [shape for shape in group if not any(excluding.of(shape))]
        if not left:
            return None
        narrowed.append(left)
    changed = True
    while changed:
        changed = False
        for at, group in enumerate(narrowed):
            others = narrowed[:at] + narrowed[at + 1 :]
            left = [
                shape
                for shape in group
                if all(any(meet(shape, other) is not None for other in o) for o in others)
            ]
            if not left:
                return None
            if len(left) < len(group):
                narrowed[at] = left
                changed = True
    kept: list[list[Shape]] = []
    for at, group in enumerate(narrowed):
        implied = any(
            all(any(covers(wide, shape) for wide in group) for shape in other)
            for index, other in enumerate(narrowed)
            if index != at and (index > at or other in kept)
        )
        if not implied:
            kept.append(_widest(group))
    barred = [no for no in barred if all(any(meet(no, s) is not None for s in g) for g in kept)]
    return kept, _widest(barred)


def _widest(shapes: list[Shape]) -> list[Shape]:
    """Return the shapes that no other one covers."""
    place = {shape: at for at, shape in enumerate(shapes)}
    covering = _Coverers(shapes)
    kept: dict[Shape, None] = {}
    for at, shape in enumerate(shapes):
        others = (other for other in covering.of(shape) if other is not shape)
        # Of two that cover each other the later one stays.
        if not any(other in kept or place[other] > at for other in others):
            kept[shape] = None
    return list(kept)


class _Coverers:
    """Finds which of many shapes cover one, by the literal texts they begin with."""

    def __init__(self, shapes: Iterable[Shape]) -> None:
        self._by_beginning: dict[str, list[Shape]] = {}
        for shape in shapes:
            self._by_beginning.setdefault(literal_beginning(shape), []).append(shape)
        self._lengths = sorted({len(beginning) for beginning in self._by_beginning})

    def of(self, shape: Shape) -> Iterator[Shape]:
        """Yield the shapes that surely match all that `shape` matches."""
        beginning = literal_beginning(shape)
        for length in self._lengths:
            if length > len(beginning):
                return
            for wide in self._by_beginning.get(beginning[:length], ()):
                if covers(wide, shape):
                    yield wide


def solve(groups: list[list[Shape]], barred: list[Shape], holds: Callable[[str], bool]) -> Found:
    """Return a text that `holds` and fits, of reduced groups.

    None: there is none, and that is proven.
    """
    combinations = 1
    for group in groups:
        combinations *= len(group)
    for chosen in islice(product(*groups), _MOST_COMBINATIONS):
        for text in _candidates(chosen):
            if holds(text):
                return text
    if combinations > _MOST_COMBINATIONS:
        try:
            return search(groups, barred, limit=_GROUP_STATES)
        except SearchLimit:
            return Undecided.STATE_LIMIT
    undecided = False
    for chosen in product(*groups):
        reduced = reduce_groups([[shape] for shape in chosen], barred)
        if reduced is None:
            continue
        try:
            found = search(*reduced, limit=_COMBINATION_STATES)
        except SearchLimit:
            undecided = True
            continue
        if found is not None:
            return found
    return Undecided.STATE_LIMIT if undecided else None


def _candidates(chosen: Sequence[Shape]) -> Iterator[str]:
    """Propose texts along one way through all the chosen shapes."""
    if not chosen:
        yield from _FILLINGS
        return
    # The domain is the last group, and the likeliest text begins as it does.
    merged = chosen[-1]
    for shape in reversed(chosen[:-1]):
        within = meet(merged, shape)
        if within is None:
            return
        merged = within
    for filling in _FILLINGS:
        yield merged.text(filling)
