"""The single edges whose removal takes most out of what is reached.

Two ways to a node that share no edge show that no single edge takes it away, and whatever counts as
a start then, too. What is left falls apart into branches, each entered by one edge alone: that edge
takes away exactly its branch. The heaviest branch is the best cut; the next best is another branch,
or one within it.
"""

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy
from numpy.typing import NDArray

from governance.posture.paths.graph import Ints, PathEdge
from governance.posture.paths.reach import Direction, GraphReach, edge_places

# How many nodes and edges are looked at, over all rounds.
_MOST_LOOKED_AT: Final = 30_000_000
# A branch of fewer nodes than one in so many is asked for its edges node by node.
_FEW: Final = 8
# Labels of nodes; branches count from 1.
_NOT_ASKED: Final = -2
_NOT_LABELLED: Final = -1
_START: Final = 0

Weights = NDArray[numpy.int64]


@dataclass(frozen=True, slots=True)
class Cut:
    """One edge. `weight`: what the nodes come to that are not reached without it."""

    edge: PathEdge
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
    if weights is None:
        weights = numpy.ones(len(reached.graph), dtype=numpy.int64)
    splitting = _Splitting(reached, weights, most)
    best: list[Cut] = []
    order = itertools.count()
    waiting = [(-one.weight, next(order), one) for one in splitting.whole()]
    heapq.heapify(waiting)
    while waiting and len(best) < most:
        _, _, branch = heapq.heappop(waiting)
        best.append(Cut(reached.graph.edge(branch.entered_by), branch.weight))
        if len(best) < most:
            for one in splitting.within(branch):
                heapq.heappush(waiting, (-one.weight, next(order), one))
    total = int(weights[reached.reached].sum())
    return Cuts(tuple(best), total, splitting.is_exact)


@dataclass(frozen=True, slots=True, eq=False)
class _Branch:
    """Nodes that one edge alone enters. `nodes`: with the one that it enters."""

    entered_by: int
    nodes: Ints
    weight: int


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """Edges that no shortest path takes, as seen from the starts.

    Those of shortest paths enter a branch as the only one, or stay within one.
    """

    tails: Ints
    heads: Ints

    def only(self, kept: NDArray[numpy.bool_]) -> "_Edges":
        return _Edges(self.tails[kept], self.heads[kept])


class _Splitting:
    """Splits what is reached into branches. `is_exact`: no split was given up."""

    def __init__(self, reached: GraphReach, weights: Weights, most: int) -> None:
        graph = reached.graph
        self.reached = reached
        self.weights = weights
        self.most = most
        self.is_exact = True
        self.tails, self.heads, self.behind = graph.sources, graph.targets, graph.backward
        if reached.direction is Direction.BACKWARD:
            self.tails, self.heads, self.behind = graph.targets, graph.sources, graph.forward
        self._labels = numpy.full(len(graph), _NOT_ASKED, dtype=numpy.int32)
        self._looked_at = 0

    def whole(self) -> list[_Branch]:
        """Return the heaviest branches of all that is reached."""
        nodes = self.reached.reached
        self._labels[nodes] = _NOT_LABELLED
        self._labels[self.reached.starts] = _START
        return list(self._split(nodes, self._all_edges.only(self._enters(self._all_edges))))

    def within(self, branch: _Branch) -> list[_Branch]:
        """Return the heaviest branches of what lies behind the node that a branch begins with."""
        first = self.heads[branch.entered_by]
        nodes = branch.nodes[branch.nodes != first]
        self._labels[nodes] = _NOT_LABELLED
        self._labels[first] = _START
        edges = self._all_edges if len(nodes) * _FEW > len(self._labels) else self._edges_to(nodes)
        found = list(self._split(nodes, edges.only(self._enters(edges))))
        self._labels[branch.nodes] = _NOT_ASKED
        return found

    @cached_property
    def _all_edges(self) -> _Edges:
        followed = self._followed.copy()
        followed[self.reached.by[self.reached.reached]] = False
        return _Edges(self.tails, self.heads).only(followed)

    @cached_property
    def _followed(self) -> NDArray[numpy.bool_]:
        standings = self.reached.graph.standings
        if self.reached.sure_only:
            return numpy.equal(standings, 0)
        return numpy.ones(len(standings), dtype=numpy.bool_)

    def _edges_to(self, nodes: Ints) -> _Edges:
        places = edge_places(self.behind.indptr, nodes)
        degrees = self.behind.indptr[nodes + 1] - self.behind.indptr[nodes]
        heads = numpy.repeat(nodes, degrees)
        numbers = self.behind.data[places] - 1
        kept = self._followed[numbers] & (self.reached.by[heads] != numbers)
        return _Edges(self.behind.indices[places], heads).only(kept)

    def _enters(self, edges: _Edges) -> NDArray[numpy.bool_]:
        """Return which edges go from what is asked for to what is to be labelled."""
        labels = self._labels
        kept: NDArray[numpy.bool_] = labels[edges.heads] == _NOT_LABELLED
        kept &= labels[edges.tails] != _NOT_ASKED
        return kept

    def _split(self, nodes: Ints, edges: _Edges) -> Iterator[_Branch]:
        """Yield the heaviest branches among some nodes, the nearest first.

        `edges`: all others that enter them.
        """
        labels = self._labels
        while len(nodes):
            self._looked_at += len(nodes) + len(edges.heads)
            if self._looked_at > _MOST_LOOKED_AT:
                self.is_exact = False
                break
            entries = self._label(nodes)
            twice = edges.heads[labels[edges.tails] != labels[edges.heads]]
            is_open = numpy.zeros(len(entries) + 1, dtype=numpy.bool_)
            is_open[labels[twice]] = True
            is_whole = ~is_open[labels[nodes]]
            yield from self._heaviest(nodes[is_whole], entries)
            labels[nodes[is_whole]] = _NOT_ASKED
            labels[twice] = _START
            nodes = nodes[labels[nodes] > _START]
            edges = edges.only(labels[edges.heads] > _START)

    def _label(self, nodes: Ints) -> Ints:
        """Label nodes by the edge at which their shortest path leaves starts; return these edges.

        What lies behind a start on it is labelled, too, or not asked for.
        """
        labels, steps = self._labels, self.reached.steps[nodes]
        by = self.reached.by[nodes]
        parents = self.tails[by]
        enters = labels[parents] == _START
        entries: Ints = by[enters]
        labels[nodes[enters]] = numpy.arange(1, len(entries) + 1, dtype=numpy.int32)
        onward = ~enters
        nodes, parents, steps = nodes[onward], parents[onward], steps[onward]
        ends = [0, *(numpy.flatnonzero(numpy.diff(steps)) + 1).tolist(), len(nodes)]
        for start, end in itertools.pairwise(ends):
            labels[nodes[start:end]] = labels[parents[start:end]]
        return entries

    def _heaviest(self, nodes: Ints, entries: Ints) -> Iterator[_Branch]:
        """Yield as many branches as are asked for, out of the nodes of whole ones."""
        of = self._labels[nodes]
        heavy = numpy.bincount(of, weights=self.weights[nodes], minlength=len(entries) + 1)
        chosen = numpy.argsort(-heavy, kind="stable")[: self.most]
        chosen = chosen[heavy[chosen] > 0]
        is_chosen = numpy.zeros(len(heavy), dtype=numpy.bool_)
        is_chosen[chosen] = True
        members = is_chosen[of]
        nodes, of = nodes[members], of[members]
        for label in chosen.tolist():
            yield _Branch(int(entries[label - 1]), nodes[of == label], int(heavy[label]))
