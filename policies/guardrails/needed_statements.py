"""The smallest set of statements with which everything that holds still does.

Each need says whether it holds with a set of statements, and more statements never break it. A set
that a need does not hold with can be grown until one more of anything would do; of what is left out
then, one must be in: a block. The smallest set that hits all blocks is tried, and each need that it
fails adds another, until none does: what is left is the smallest. Blocks that share no item with
others are hit apart. Where that takes too long, a set that hits them is taken as it is found, and
what can be left out of the whole is dropped in the end.
"""

from __future__ import annotations

from collections import Counter
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
    """A set that suffices. `is_smallest`: that no smaller one does is proven."""

    places: frozenset[Item]
    is_smallest: bool


def smallest_needed(needs: Sequence[StatementNeed[Item]]) -> NeededItems[Item]:
    """Return the smallest set with which all needs hold; they all hold with everything.

    Where none is proven to be the smallest in time, one of which nothing can be left out.
    """
    blocks: set[frozenset[Item]] = set()
    hitting = _Hitting[Item]()
    found = NeededItems(frozenset[Item](), is_smallest=True)
    for _ in range(_MOST_ROUNDS):
        missing = (_missing(need, found.places & need.places) for need in needs)
        more = {block for block in missing if block is not None}
        if not more:
            if found.is_smallest:
                return found
            return NeededItems(_irredundant(needs, found.places), is_smallest=False)
        blocks |= more
        found = hitting.smallest(blocks)
    everything = frozenset[Item]().union(*(need.places for need in needs))
    return NeededItems(_irredundant(needs, everything), is_smallest=False)


def _missing(need: StatementNeed[Item], have: frozenset[Item]) -> frozenset[Item] | None:
    """Return items of which a need must have one beside those that it has; None if it holds."""
    if need.holds_with(have):
        return None
    for item in sorted(need.places - have, key=repr):
        if not need.holds_with(have | {item}):
            have |= {item}
    return need.places - have


class _Hitting(Generic[Item]):
    """Finds sets with an item of each block; remembers those of groups that share no item."""

    def __init__(self) -> None:
        self._found: dict[frozenset[frozenset[Item]], NeededItems[Item]] = {}

    def smallest(self, blocks: set[frozenset[Item]]) -> NeededItems[Item]:
        """Return a set with an item of each block, the smallest if that was found in time."""
        minimal = [one for one in blocks if not any(other < one for other in blocks)]
        must = frozenset(item for block in minimal if len(block) == 1 for item in block)
        left = (one for one in minimal if not one & must)
        found = [self._of_group(group) for group in _groups(left)]
        places = must.union(*(one.places for one in found))
        return NeededItems(places, all(one.is_smallest for one in found))

    def _of_group(self, group: frozenset[frozenset[Item]]) -> NeededItems[Item]:
        if group not in self._found:
            in_order = sorted(group, key=lambda one: (len(one), repr(sorted(map(repr, one)))))
            self._found[group] = _smallest_hitting(in_order)
        return self._found[group]


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


def _smallest_hitting(blocks: Sequence[frozenset[Item]]) -> NeededItems[Item]:
    """Return the smallest set with an item of each block, or the smallest that was found in time.

    Branches over the items of the first block that is not hit; bounded by disjoint blocks.
    """
    best: frozenset[Item] | None = None
    ways: list[tuple[frozenset[Item], Sequence[frozenset[Item]]]] = [(frozenset(), blocks)]
    for _ in range(_MOST_STEPS):
        if not ways:
            break
        chosen, not_hit_before = ways.pop()
        left = [block for block in not_hit_before if chosen.isdisjoint(block)]
        if best is not None and len(chosen) + _disjoint(left) >= len(best):
            continue
        if not left:
            best = chosen
            continue
        ways += [(chosen | {item}, left) for item in reversed(_likeliest_first(left))]
    if best is None:
        # There are more blocks than steps, so that not even the first way has ended.
        best = frozenset[Item]().union(*blocks)
    return NeededItems(best, is_smallest=not ways)


def _likeliest_first(blocks: Sequence[frozenset[Item]]) -> list[Item]:
    """Return the items of the first block, those first that hit most blocks."""
    counts = Counter(item for block in blocks for item in block)
    return sorted(blocks[0], key=lambda one: (-counts[one], repr(one)))


def _disjoint(blocks: Sequence[frozenset[Item]]) -> int:
    """Return a number of blocks no two of which share an item."""
    seen: set[Item] = set()
    count = 0
    for block in blocks:
        if seen.isdisjoint(block):
            seen |= block
            count += 1
    return count


def _irredundant(needs: Sequence[StatementNeed[Item]], items: frozenset[Item]) -> frozenset[Item]:
    """Return of a set that suffices one from which nothing can be left out."""
    for item in sorted(items, key=repr):
        fewer = items - {item}
        if all(need.holds_with(fewer & need.places) for need in needs if item in need.places):
            items = fewer
    return items
