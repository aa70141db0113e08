"""A question about paths → what is reached, the shortest chain, and the edges to cut."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy

from governance.posture.paths.cuts import Cuts, Weights, cuts
from governance.posture.paths.graph import Ints, PathEdge, TrustGraph
from governance.posture.paths.nodes import PRIVILEGES, NodeKind, Privilege
from governance.posture.paths.question import PathPlace, find_place
from governance.posture.paths.reach import Direction, GraphReach, reach
from governance.posture.requests.cannot_answer import CannotAnswer
from inventory.models import Connection

MOST_CUTS: Final = 5


@dataclass(frozen=True, eq=False)
class PathAnswer:
    """What was reached. `end`: None where everything that is reached was asked for."""

    graph: TrustGraph
    start: PathPlace
    end: PathPlace | None
    reached: GraphReach
    sure_only: bool

    @property
    def direction(self) -> Direction:
        """Which way edges were followed."""
        return self.reached.direction

    @cached_property
    def nodes(self) -> Ints:
        """What is reached and worth telling, the nearest and most powerful first.

        Nodes that only stand between others are left out.
        """
        nodes = self.reached.reached
        hidden = [
            len(self.graph.population) + number
            for number, node in enumerate(self.graph.others)
            if node.kind.is_means
        ]
        nodes = nodes[~numpy.isin(nodes, hidden)]
        order = numpy.lexsort((nodes, self.graph.privileges[nodes], self.reached.steps[nodes]))
        return nodes[order]

    @cached_property
    def goal(self) -> int | None:
        """The nearest node of `end` that is reached; None: none is."""
        if self.end is None:
            return None
        steps = self.reached.steps[self.end.numbers]
        there = numpy.flatnonzero(steps >= 0)
        if not len(there):
            return None
        return int(self.end.numbers[there[numpy.argmin(steps[there])]])

    @cached_property
    def chain(self) -> tuple[PathEdge, ...]:
        """A shortest chain to `end`, empty where it is not reached."""
        return () if self.goal is None else self.reached.path(self.goal)

    @cached_property
    def cuts(self) -> Cuts:
        """The single edges whose removal takes most away: of what counts, or of `end`."""
        return cuts(self.reached, weights=self._weights(), most=MOST_CUTS)

    def _weights(self) -> Weights:
        size = len(self.graph)
        if self.end is not None:
            weights = numpy.zeros(size, dtype=numpy.int64)
            weights[self.end.numbers] = 1
            return weights
        weights = numpy.ones(size, dtype=numpy.int64)
        for number, node in enumerate(self.graph.others, start=len(self.graph.population)):
            if node.kind.is_means:
                weights[number] = 0
        return weights

    @cached_property
    def counts(self) -> "ReachCounts":
        """How much is reached."""
        return counted(self.graph, self.reached)


@dataclass(frozen=True, slots=True)
class ReachCounts:
    """How much a reach comes to. `by_steps`: how many things at each number of steps.

    `administered`: accounts of which control is reached, or, backward, whose principals begin.
    """

    principals: int
    accounts: int
    resources: int
    administered: int
    outside: int
    by_privilege: Mapping[Privilege, int]
    by_steps: Mapping[int, int]

    @property
    def total(self) -> int:
        """Principals, resources and whoever is outside."""
        return self.principals + self.resources + self.outside


def counted(graph: TrustGraph, reached: GraphReach) -> ReachCounts:
    """Count what is reached by kind, privilege and steps."""
    nodes = reached.reached
    size = len(graph.population)
    principals = nodes[nodes < size]
    kinds = Counter(graph.others[int(node) - size].kind for node in nodes[nodes >= size])
    places = numpy.unique(graph.account_places[nodes])
    levels = numpy.bincount(graph.privileges[principals], minlength=len(PRIVILEGES))
    shown = [
        int(node)
        for node in nodes[nodes >= size]
        if graph.others[int(node) - size].kind not in _MEANS
    ]
    steps = Counter(reached.steps[principals].tolist())
    steps.update(reached.steps[shown].tolist())
    return ReachCounts(
        principals=len(principals),
        accounts=int((places >= 0).sum()),
        resources=kinds[NodeKind.RESOURCE],
        administered=kinds[NodeKind.CONTROL],
        outside=sum(count for kind, count in kinds.items() if kind.is_outside),
        by_privilege={
            privilege: int(levels[number])
            for number, privilege in enumerate(PRIVILEGES)
            if levels[number]
        },
        by_steps=dict(sorted(steps.items())),
    )


_MEANS: Final = frozenset({NodeKind.CONTROL, NodeKind.ORGANIZATION, NodeKind.EVERYBODY})


def find_paths(
    graph: TrustGraph,
    *,
    connection: Connection,
    start: str = "",
    end: str = "",
    direction: Direction = Direction.FORWARD,
    sure_only: bool = False,
) -> PathAnswer:
    """Answer what `start` can reach, or with `end` how it reaches that.

    Backward: who reaches `end`, or with `start` how that does. Chains run forward either way.

    :raises CannotAnswer: what is asked for is not in the graph, or the end to begin at is lacking.
    """
    backward = direction is Direction.BACKWARD
    begin, other = (end, start) if backward else (start, end)
    begin_field, other_field = ("to", "from") if backward else ("from", "to")
    if not begin.strip():
        raise CannotAnswer(begin_field, "give an ARN, an account's id, a vendor's name or anyone")
    found = find_place(graph, begin, connection=connection, field=begin_field, is_target=backward)
    goal = None
    if other.strip():
        goal = find_place(
            graph, other, connection=connection, field=other_field, is_target=not backward
        )
    reached = reach(graph, found.numbers, direction, sure_only=sure_only)
    return PathAnswer(graph, found, goal, reached, sure_only)


def blast_radius(graph: TrustGraph, key: str) -> ReachCounts | None:
    """Count what whoever has a principal, or an account, could reach; None: not in the graph.

    `key`: an ARN, an account's id or what else names a node.
    """
    if key in graph.population.place_of:
        rows = graph.index.rows_of(key)
        return counted(graph, reach(graph, rows.astype(numpy.int32)))
    number = graph.find(key)
    return None if number is None else counted(graph, reach(graph, [number]))
