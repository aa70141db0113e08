"""A text that has a shape of each of some groups and none that is barred, or the proof of none.

What changes nothing was dropped before (`ShapeSets.reduced`). Candidates made of the shapes are
tried, and then the texts are searched exhaustively.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product
from typing import Final

from policies.comparison.automaton import SearchLimit, search
from policies.comparison.reasons import Undecided
from policies.comparison.shape_sets import ShapeSets
from policies.comparison.shapes import PatternShape, meet

_COMBINATION_STATES: Final = 6_000
_GROUP_STATES: Final = 3_000
_MOST_COMBINATIONS: Final = 256
_FILLINGS: Final = ("example", "x", "", "q-7", "/", ":")

FoundText = str | Undecided | None
"""A text, why none was found, or None: there is none, and that is proven."""


def solve(
    sets: ShapeSets, group_sets: Sequence[int], barred_set: int, holds: Callable[[str], bool]
) -> FoundText:
    """Return a text that `holds` and fits, of reduced groups.

    None: there is none, and that is proven.
    """
    groups, barred = [sets.shapes(group) for group in group_sets], sets.shapes(barred_set)
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
        reduced = sets.reduced([sets.of((shape,)) for shape in chosen], barred_set)
        if reduced is None:
            continue
        try:
            found = search(
                [sets.shapes(group) for group in reduced[0]],
                sets.shapes(reduced[1]),
                limit=_COMBINATION_STATES,
            )
        except SearchLimit:
            undecided = True
            continue
        if found is not None:
            return found
    return Undecided.STATE_LIMIT if undecided else None


def _candidates(chosen: Sequence[PatternShape]) -> Iterator[str]:
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
