"""The single edges whose removal takes most out of what is reached.

An edge whose removal takes anything away lies on every path to what it takes away, so on the tree
of shortest paths too, and takes away no more than hangs below it there. Candidates are tried in
the order of that bound until no other can do better.
"""

import itertools
from dataclasses import dataclass
from typing import Any, Final

import numpy
from numpy.typing import NDArray

from governance.posture.paths.graph import Ints, PathEdge
from governance.posture.paths.reach import Direction, GraphReach, edge_places

_MOST_LOOKED_AT: Final = 4_000_000

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
    for node in tree.candidates():
        bound = int(tree.below[node])
        if bound <= 0 or (len(found) == most and bound <= found[-1].weight):
            break
        looked_at += int(tree.sizes[node])
        if looked_at > _MOST_LOOKED_AT:
            is_exact = False
            break
        lost = tree.lost(int(node), more_than=found[-1].weight if len(found) == most else 0)
        weight = int(tree.weights[lost].sum())
        if weight:
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
        self.sizes = numpy.zeros(size, dtype=numpy.int64)
        self.sizes[self.nodes] = 1
        self.sizes[reached.starts] = 1
        self.below = numpy.zeros(size, dtype=numpy.int64)
        self.below[self.nodes] = self.weights[self.nodes]
        # Set and cleared again by each look at what is lost.
        self._is_below = numpy.zeros(size, dtype=bool)
        self._last_place = numpy.zeros(size, dtype=numpy.int32)
        self._levels = self._by_level()
        for nodes in reversed(self._levels):
            numpy.add.at(self.sizes, self.parent[nodes], self.sizes[nodes])
            numpy.add.at(self.below, self.parent[nodes], self.below[nodes])
        self._number()

    def _by_level(self) -> list[Ints]:
        steps = self.reached.steps[self.nodes]
        if not len(steps):
            return []
        ends = numpy.searchsorted(steps, numpy.arange(1, int(steps[-1]) + 2))
        return [self.nodes[start:end] for start, end in itertools.pairwise(ends)]

    def _number(self) -> None:
        """Number the nodes so that those below a node follow it at once."""
        self.first = numpy.full(len(self.parent), -1, dtype=numpy.int64)
        starts = self.reached.starts
        ends = numpy.cumsum(self.sizes[starts])
        self.first[starts] = ends - self.sizes[starts]
        for nodes in self._levels:
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

    def lost(self, node: int, *, more_than: int) -> Ints:
        """Return what is not reached without the edge by which a node is.

        Nothing where it weighs no more than `more_than`: looking ends as soon as that is known.
        """
        start, size = int(self.first[node]), int(self.sizes[node])
        below = self.ordered[start : start + size]
        left = int(self.below[node])
        # What is entered from elsewhere stays, and what that reaches.
        begins = self.behind.indptr[below]
        counts = self.behind.indptr[below + 1] - begins
        places = _runs(begins, counts)
        heads = numpy.repeat(below, counts)
        first = self.first[self.behind.indices[places]]
        entering = (first >= 0) & ((first < start) | (first >= start + size))
        entering &= self.behind.data[places] - 1 != self.reached.by[node]
        is_below = self._is_below
        is_below[below] = True
        frontier: Any = self._distinct(heads[entering])
        while len(frontier):
            is_below[frontier] = False
            left -= int(self.weights[frontier].sum())
            if left <= more_than:
                is_below[below] = False
                return below[:0].astype(numpy.int32)
            onward = self.ahead.indices[edge_places(self.ahead.indptr, frontier)]
            frontier = self._distinct(onward[is_below[onward]])
        found = below[is_below[below]].astype(numpy.int32)
        is_below[below] = False
        return found

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
