"""The smallest set of statements with which everything that holds still does.

Each need says whether it holds with a set of statements, and more statements never break it. A set
that a need does not hold with can be grown until one more of anything would do; of what is left out
then, one must be in: a block. The smallest set that hits all blocks is tried, and each need that it
fails adds another, until none does: what is left is the smallest. Blocks that share no item with
others are hit apart. Where that takes too long, a set that hits them is taken as it is found, and
what can be left out of the whole is dropped in the end.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

# Of one group of blocks that share items.
_MOST_STEPS: Final = 2_000
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
    chosen = frozenset[Item]()
    hitting = _Hitting[Item]()
    asked: dict[int, frozenset[Item]] = {}
    for _ in range(_MOST_ROUNDS):
        more: set[frozenset[Item]] = set()
        for at, need in enumerate(needs):
            have = chosen & need.places
            # It held with these before.
            if asked.get(at) == have:
                continue
            block = _missing(need, have)
            if block is None:
                asked[at] = have
            else:
                more.add(block)
        if not more:
            if hitting.is_smallest:
                return NeededItems(chosen, True)
            return NeededItems(_irredundant(needs, chosen), False)
        blocks |= more
        chosen = hitting.smallest(blocks)
    everything = frozenset[Item]().union(*(need.places for need in needs))
    return NeededItems(_irredundant(needs, everything), False)


def _missing(need: StatementNeed[Item], have: frozenset[Item]) -> frozenset[Item] | None:
    """Return items of which a need must have one beside those that it has; None if it holds."""
    if need.holds_with(have):
        return None
    for item in sorted(need.places - have, key=repr):
        if not need.holds_with(have | {item}):
            have |= {item}
    return need.places - have


class _Hitting(Generic[Item]):
    """Sets with an item of each block. `is_smallest`: whether all that were returned are."""

    def __init__(self) -> None:
        self.is_smallest = True
        self._found: dict[frozenset[frozenset[Item]], frozenset[Item]] = {}

    def smallest(self, blocks: set[frozenset[Item]]) -> frozenset[Item]:
        """Return a set with an item of each block, the smallest if that was found in time."""
        minimal = [one for one in blocks if not any(other < one for other in blocks)]
        must = frozenset(item for block in minimal if len(block) == 1 for item in block)
        left = (one for one in minimal if not one & must)
        return must.union(*(self._hit(group) for group in _groups(left)))

    def _hit(self, group: frozenset[frozenset[Item]]) -> frozenset[Item]:
        found = self._found.get(group)
        if found is None:
            search = _HittingSearch(
                sorted(group, key=lambda one: (len(one), repr(sorted(map(repr, one)))))
            )
            found = self._found[group] = search.run()
            self.is_smallest &= search.is_done
        return found


def _groups(blocks: Iterable[frozenset[Item]]) -> list[frozenset[frozenset[Item]]]:
    """Return blocks in groups: those of two groups share no item."""
    groups: list[tuple[set[Item], list[frozenset[Item]]]] = []
    for block in blocks:
        items, members = set(block), [block]
        apart = []
        for group in groups:
            if group[0].isdisjoint(block):
                apart.append(group)
            else:
                items |= group[0]
                members += group[1]
        groups = [*apart, (items, members)]
    return [frozenset(members) for _, members in groups]


class _HittingSearch(Generic[Item]):
    """Branches over the items of the first block that is not hit; bounded by disjoint blocks."""

    def __init__(self, blocks: Sequence[frozenset[Item]]) -> None:
        self._blocks = blocks
        self._best: frozenset[Item] | None = None
        self._steps = 0

    @property
    def is_done(self) -> bool:
        """Whether every choice was looked at, so that what is found is the smallest."""
        return self._steps <= _MOST_STEPS

    def run(self) -> frozenset[Item]:
        """Return the smallest set, or the smallest of those that were found in time."""
        self._branch(frozenset(), list(self._blocks))
        # The first way down ends within as many steps as there are blocks.
        return self._best or frozenset().union(*self._blocks)

    def _branch(self, chosen: frozenset[Item], left: list[frozenset[Item]]) -> None:
        self._steps += 1
        if not self.is_done:
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


def _irredundant(needs: Sequence[StatementNeed[Item]], kept: frozenset[Item]) -> frozenset[Item]:
    """Return of a set that suffices one from which nothing can be left out."""
    for item in sorted(kept, key=repr):
        without = kept - {item}
        if all(need.holds_with(without & need.places) for need in needs if item in need.places):
            kept = without
    return kept
