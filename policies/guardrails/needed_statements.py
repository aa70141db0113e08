"""The smallest set of statements with which everything that holds still does.

Each need says whether it holds with a set of statements, and more statements never break it. A set
that a need does not hold with can be grown until one more of anything would do; of what is left out
then, one must be in. The smallest set that hits all of these is tried, and each need that it fails
adds another, until none does: what is left is the smallest.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

_MOST_STEPS: Final = 20_000
_MOST_ROUNDS: Final = 400

Item = TypeVar("Item", bound=Hashable)


class StatementNeed(Protocol[Item]):
    """Something that needs some of `places`."""

    places: frozenset[Item]

    def holds_with(self, places: frozenset[Item]) -> bool:
        """Whether it holds with these alone."""
        ...


@dataclass(frozen=True, slots=True)
class NeededItems(Generic[Item]):
    """A set that suffices. `is_smallest`: proven; else none of it can be left out."""

    places: frozenset[Item]
    is_smallest: bool


def smallest_needed(needs: Sequence[StatementNeed[Item]]) -> NeededItems[Item]:
    """Return the smallest set with which all needs hold; they all hold with everything."""
    blocks: set[frozenset[Item]] = set()
    chosen: frozenset[Item] | None = frozenset()
    for _ in range(_MOST_ROUNDS):
        if chosen is None:
            break
        more = {block for need in needs if (block := _missing(need, chosen)) is not None} - blocks
        if not more:
            return NeededItems(chosen, True)
        blocks |= more
        chosen = _smallest_hitting(blocks)
    return NeededItems(_irredundant(needs), False)


def _missing(need: StatementNeed[Item], chosen: frozenset[Item]) -> frozenset[Item] | None:
    """Return items of which a need must have one that is not in `chosen`; None if it holds."""
    have = chosen & need.places
    if need.holds_with(have):
        return None
    for item in sorted(need.places - have, key=repr):
        if not need.holds_with(have | {item}):
            have |= {item}
    return need.places - have


def _smallest_hitting(blocks: set[frozenset[Item]]) -> frozenset[Item] | None:
    """Return the smallest set with an item of each block; None if that takes too many steps."""
    minimal = [one for one in blocks if not any(other < one for other in blocks)]
    must = frozenset(item for block in minimal if len(block) == 1 for item in block)
    left = sorted((one for one in minimal if not one & must), key=lambda one: (len(one), repr(one)))
    search = _HittingSearch(left)
    found = search.run()
    return None if found is None else must | found


class _HittingSearch(Generic[Item]):
    """Branches over the items of the first block that is not hit; bounded by disjoint blocks."""

    def __init__(self, blocks: Sequence[frozenset[Item]]) -> None:
        self._blocks = blocks
        self._best: frozenset[Item] | None = None
        self._steps = 0

    def run(self) -> frozenset[Item] | None:
        """Return the smallest set, None if it was not found in time."""
        self._branch(frozenset(), list(self._blocks))
        return self._best if self._steps <= _MOST_STEPS else None

    def _branch(self, chosen: frozenset[Item], left: list[frozenset[Item]]) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            return
        if self._best is not None and len(chosen) + _disjoint(left) >= len(self._best):
            return
        if not left:
            self._best = chosen
            return
        counts: dict[Item, int] = {}
        for block in left:
            for item in block:
                counts[item] = counts.get(item, 0) + 1
        for item in sorted(left[0], key=lambda one: (-counts[one], repr(one))):
            self._branch(chosen | {item}, [block for block in left if item not in block])


def _disjoint(blocks: Sequence[frozenset[Item]]) -> int:
    """Return a number of blocks no two of which share an item."""
    seen: set[Item] = set()
    count = 0
    for block in blocks:
        if seen.isdisjoint(block):
            seen |= block
            count += 1
    return count


def _irredundant(needs: Sequence[StatementNeed[Item]]) -> frozenset[Item]:
    """Return a set from which nothing can be left out, dropping one item after another."""
    kept = frozenset[Item]().union(*(need.places for need in needs))
    for item in sorted(kept, key=repr):
        without = kept - {item}
        if all(need.holds_with(without & need.places) for need in needs if item in need.places):
            kept = without
    return kept
