"""The single edges whose removal takes most out of what is reached.

An edge whose removal takes anything away lies on every path to what it takes away, so on the tree
of shortest paths too, and takes away no more than hangs below it there: where each node hangs below
what is above all from which an edge enters it. Candidates are tried in the order of that bound
until no other can do better.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy
from numpy.typing import NDArray

from governance.posture.paths.graph import Ints, PathEdge
from governance.posture.paths.reach import Direction, GraphReach, edge_places

_MOST_LOOKED_AT: Final = 4_000_000
# How many candidates are looked at together, and how many nodes they hold.
_MOST_TOGETHER: Final = 512
_MOST_NODES_TOGETHER: Final = 50_000

Weights = NDArray[numpy.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """One edge. `lost`: the nodes that are not reached without it; `weight`: what they come to."""

    edge: PathEdge
    lost: Ints
    weight: int


@dataclass(frozen=True, slots=True)
class Cuts:
    """The best cuts first. `is_exact`: no edge that is not here takes more away.

    `total`: what all that is reached comes to.
    """

    best: tuple[Cut, ...]
    total: int
    is_exact: bool


def cuts(reached: GraphReach, *, weights: Weights | None = None, most: int = 5) -> Cuts:
    """Return the single edges whose removal takes most away.

    `weights`: what each node counts for, 0 for one that does not matter; without, all count one.
    Two nodes may have several edges between them; then no single one of these cuts.
    """
    tree = _Tree(reached, weights)
    found: list[Cut] = []
    looked_at, is_exact = 0, True
    for node, lost in tree.losses(lambda: found[-1].weight if len(found) == most else 0):
        looked_at += int(tree.sizes[node])
        if looked_at > _MOST_LOOKED_AT:
            is_exact = False
            break
        weight = int(tree.weights[lost].sum())
        if weight > (found[-1].weight if len(found) == most else 0):
            found.append(Cut(reached.graph.edge(int(reached.by[node])), lost, weight))
            found.sort(key=lambda cut: -cut.weight)
            del found[most:]
    return Cuts(tuple(found), int(tree.weights[reached.reached].sum()), is_exact)


class _Tree:
    """The tree of shortest paths. `sizes`: nodes at and below each; `below`: their weights."""

    def __init__(self, reached: GraphReach, weights: Weights | None) -> None:
        graph = reached.graph
        self.reached = reached
        backward = reached.direction is Direction.BACKWARD
        # Seen from the starts: where an edge comes from, and where it goes to.
        self.tails, self.heads = graph.sources, graph.targets
        self.ahead, self.behind = graph.forward, graph.backward
        if backward:
            self.tails, self.heads = self.heads, self.tails
            self.ahead, self.behind = self.behind, self.ahead
        size = len(graph)
        self.weights = numpy.ones(size, dtype=numpy.int64) if weights is None else weights
        self.parent = numpy.full(size, -1, dtype=numpy.int64)
        self.nodes = reached.reached
        self.parent[self.nodes] = self.tails[reached.by[self.nodes]]
        # Set and cleared again by each look at what is lost: which candidate a node hangs below.
        self._below_which = numpy.zeros(size, dtype=numpy.int32)
        self._last_place = numpy.zeros(size, dtype=numpy.int32)
        steps = self.reached.steps[self.nodes]
        self._number(self._by_level(steps))
        self._hang_higher()

    def _by_level(self, steps: NDArray[Any]) -> list[Ints]:
        """Return the nodes by how many steps below a start each is."""
        order = numpy.argsort(steps, kind="stable")
        ends = numpy.cumsum(numpy.bincount(steps)) if len(steps) else numpy.zeros(1, numpy.int64)
        return [self.nodes[order[start:end]] for start, end in itertools.pairwise(ends)]

    def _number(self, levels: list[Ints]) -> None:
        """Number the nodes so that those below a node follow it at once."""
        size = len(self.parent)
        starts = self.reached.starts
        self.sizes = numpy.zeros(size, dtype=numpy.int64)
        self.sizes[self.nodes] = 1
        self.sizes[starts] = 1
        self.below = numpy.zeros(size, dtype=numpy.int64)
        self.below[self.nodes] = self.weights[self.nodes]
        for nodes in reversed(levels):
            numpy.add.at(self.sizes, self.parent[nodes], self.sizes[nodes])
            numpy.add.at(self.below, self.parent[nodes], self.below[nodes])
        self.first = numpy.full(size, -1, dtype=numpy.int64)
        ends = numpy.cumsum(self.sizes[starts])
        self.first[starts] = ends - self.sizes[starts]
        for nodes in levels:
            ordered = nodes[numpy.argsort(self.parent[nodes], kind="stable")]
            parents, sizes = self.parent[ordered], self.sizes[ordered]
            before = numpy.cumsum(sizes) - sizes
            opens = numpy.flatnonzero(numpy.r_[True, parents[1:] != parents[:-1]])
            counts = numpy.diff(numpy.r_[opens, len(parents)])
            offset = before - numpy.repeat(before[opens], counts)
            self.first[ordered] = self.first[parents] + 1 + offset
        self.ordered = numpy.argsort(
            numpy.where(self.first < 0, len(self.first), self.first), kind="stable"
        )

    def _hang_higher(self) -> None:
        """Hang each node below the lowest that is above all from which an edge enters it.

        What an edge takes away hangs below it there, too, and far less else does.
        """
        depth = numpy.zeros(len(self.parent), dtype=numpy.int16)
        depth[self.nodes] = self.reached.steps[self.nodes]
        highest = depth.copy()
        reached = (self.first[self.tails] >= 0) & (depth[self.heads] > 0)
        tails, heads = self.tails[reached], self.heads[reached]
        meeting = numpy.maximum(self._depths_of_meeting(tails, heads, depth), 0)
        numpy.minimum.at(highest, heads, meeting)
        moving = self.nodes[highest[self.nodes] < depth[self.nodes] - 1]
        above = self.parent.copy()
        parent = self.parent.copy()
        while len(moving):
            parent[moving] = above[parent[moving]]
            moving = moving[depth[parent[moving]] > highest[moving]]
        self.parent = parent
        steps = numpy.zeros(len(parent), dtype=numpy.int64)
        for nodes in self._by_level(self.reached.steps[self.nodes]):
            steps[nodes] = steps[parent[nodes]] + 1
        self._number(self._by_level(steps[self.nodes]))

    def _depths_of_meeting(
        self, one: Ints, other: Ints, depth: NDArray[numpy.int16]
    ) -> NDArray[numpy.int16]:
        """Return how deep the lowest node above both of two lies, either counted; -1: none.

        In the order of numbers it is just above the least deep between them.
        """
        held = int((self.first >= 0).sum())
        table = [depth[self.ordered[:held]]]
        while (1 << len(table)) <= held:
            half = 1 << (len(table) - 1)
            table.append(numpy.minimum(table[-1][:-half], table[-1][half:]))
        left = numpy.minimum(self.first[one], self.first[other]) + 1
        right = numpy.maximum(self.first[one], self.first[other]) + 1
        found = depth[other].copy()
        width = right - left
        apart = numpy.flatnonzero(width > 0)
        powers = numpy.frexp(width[apart].astype(numpy.float64))[1] - 1
        for power in numpy.unique(powers):
            at = apart[powers == power]
            row = table[int(power)]
            found[at] = numpy.minimum(row[left[at]], row[right[at] - (1 << int(power))]) - 1
        return found

    def candidates(self) -> Ints:
        """Return the nodes that no other edge enters from elsewhere, by what hangs below them."""
        first, sizes = self.first, self.sizes
        inside = (first[self.tails] >= 0) & (first[self.heads] >= 0)
        numbers = numpy.flatnonzero(inside)
        tails, heads = self.tails[numbers], self.heads[numbers]
        other = self.reached.by[heads] != numbers
        outside = (first[tails] < first[heads]) | (first[tails] >= first[heads] + sizes[heads])
        entered = numpy.zeros(len(first), dtype=bool)
        entered[heads[other & outside]] = True
        nodes = self.nodes[~entered[self.nodes]]
        return nodes[numpy.argsort(-self.below[nodes], kind="stable")]

    def losses(self, least: Callable[[], int]) -> Iterator[tuple[int, Ints]]:
        """Yield candidates with what is not reached without the edge by which each is.

        Until no other can lose more than `least()`, by its bound. Small ones are looked at
        together, as long as none hangs below another.
        """
        nodes = self.candidates()
        place = 0
        while place < len(nodes) and self.below[nodes[place]] > least():
            together = self._together(nodes[place : place + _MOST_TOGETHER])
            place += len(together)
            for node, lost in zip(together.tolist(), self._lost(together), strict=True):
                if self.below[node] <= least():
                    return
                yield node, lost

    def _together(self, nodes: Ints) -> Ints:
        """Return the first of some candidates that are small and apart from each other."""
        sizes = numpy.cumsum(self.sizes[nodes])
        nodes = nodes[: max(1, int(numpy.searchsorted(sizes, _MOST_NODES_TOGETHER)))]
        order = numpy.argsort(self.first[nodes], kind="stable")
        begins = self.first[nodes[order]]
        ends = begins + self.sizes[nodes[order]]
        # The first that begins within an earlier one ends the lot, and so does what comes after.
        nested = begins[1:] < numpy.maximum.accumulate(ends)[:-1]
        pairs = numpy.maximum(order[1:], order[:-1])[nested]
        return nodes[: int(pairs.min())] if len(pairs) else nodes

    def _lost(self, nodes: Ints) -> list[Ints]:
        """Return, for candidates of which none hangs below another, what each loses."""
        sizes = self.sizes[nodes]
        below = self.ordered[_runs(self.first[nodes], sizes)]
        which = self._below_which
        which[below] = numpy.repeat(numpy.arange(1, len(nodes) + 1, dtype=numpy.int32), sizes)
        # What is entered from elsewhere stays, and what that reaches.
        begins = self.behind.indptr[below]
        counts = self.behind.indptr[below + 1] - begins
        places = _runs(begins, counts)
        heads = numpy.repeat(below, counts)
        tails = self.behind.indices[places]
        entering = (self.first[tails] >= 0) & (which[tails] != which[heads])
        entering &= self.behind.data[places] - 1 != self.reached.by[nodes][which[heads] - 1]
        frontier: Any = self._distinct(heads[entering])
        while len(frontier):
            of = which[frontier]
            which[frontier] = 0
            degrees = self.ahead.indptr[frontier + 1] - self.ahead.indptr[frontier]
            onward = self.ahead.indices[edge_places(self.ahead.indptr, frontier)]
            frontier = self._distinct(onward[which[onward] == numpy.repeat(of, degrees)])
        stays = which[below] == 0
        which[below] = 0
        ends = numpy.cumsum(sizes)
        return [
            below[end - size : end][~stays[end - size : end]].astype(numpy.int32)
            for end, size in zip(ends.tolist(), sizes.tolist(), strict=True)
        ]

    def _distinct(self, nodes: Any) -> Any:
        """Return nodes once each, in linear time."""
        places = numpy.arange(len(nodes), dtype=numpy.int32)
        self._last_place[nodes] = places
        return nodes[self._last_place[nodes] == places]


def _runs(begins: Any, counts: Any) -> NDArray[numpy.int64]:
    """Return the numbers of all runs, each from where it begins on."""
    ends = numpy.cumsum(counts, dtype=numpy.int64)
    total = int(ends[-1]) if len(ends) else 0
    found: NDArray[numpy.int64] = numpy.repeat(begins - ends + counts, counts) + numpy.arange(total)
    return found
