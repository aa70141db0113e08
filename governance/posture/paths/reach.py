"""What can be reached from some nodes, or reaches them: in how many steps and by which edges."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy
from numpy.typing import NDArray

from governance.posture.paths.graph import Ints, PathEdge, TrustGraph

_NOT: Final = -1
_DENSE: Final = 16


class Direction(StrEnum):
    """FORWARD: what somebody can reach. BACKWARD: who can reach it."""

    FORWARD = "forward"
    BACKWARD = "backward"


@dataclass(frozen=True, eq=False)
class GraphReach:
    """What is reached from `starts`. `steps`: of each node, -1 where it is not reached.

    `by`: of each node that is reached the number of the edge by which it is first, -1 for `starts`.
    `sure_only`: edges that hang on something were not followed.
    """

    graph: TrustGraph
    direction: Direction
    starts: Ints
    steps: NDArray[numpy.int16]
    by: Ints
    sure_only: bool = False

    @property
    def reached(self) -> Ints:
        """The nodes that are reached, the nearest first; `starts` are not among them."""
        nodes = numpy.flatnonzero(self.steps > 0)
        return nodes[numpy.argsort(self.steps[nodes], kind="stable")].astype(numpy.int32)

    def reaches(self, node: int) -> bool:
        """Whether a node is reached, or one of `starts`."""
        return bool(self.steps[node] != _NOT)

    def path(self, node: int) -> tuple[PathEdge, ...]:
        """Return a shortest chain of edges between `starts` and a node, in their own order.

        :raises LookupError: the node is not reached.
        """
        if not self.reaches(node):
            raise LookupError(f"node {node} is not reached")
        backward = self.direction is Direction.BACKWARD
        found: list[PathEdge] = []
        while (number := int(self.by[node])) != _NOT:
            edge = self.graph.edge(number)
            found.append(edge)
            node = edge.target if backward else edge.source
        return tuple(found if backward else reversed(found))


def reach(
    graph: TrustGraph,
    starts: Sequence[int] | Ints,
    direction: Direction = Direction.FORWARD,
    *,
    sure_only: bool = False,
    most_steps: int | None = None,
) -> GraphReach:
    """Return what can be reached from some nodes, or reaches them.

    `sure_only`: by edges that hang on nothing. Breadth first, so each node is reached in as few
    steps as can be; of edges in the same step the surest is taken.
    """
    matrix = graph.backward if direction is Direction.BACKWARD else graph.forward
    begin = numpy.unique(numpy.asarray(starts, dtype=numpy.int32))
    steps = numpy.full(len(graph), _NOT, dtype=numpy.int16)
    by = numpy.full(len(graph), _NOT, dtype=numpy.int32)
    steps[begin] = 0
    frontier, step = begin, 0
    while len(frontier) and (most_steps is None or step < most_steps):
        step += 1
        places = edge_places(matrix.indptr, frontier)
        numbers = matrix.data[places] - 1
        nodes = matrix.indices[places]
        kept = steps[nodes] == _NOT
        if sure_only:
            kept &= graph.standings[numbers] == 0
        nodes, numbers = nodes[kept], numbers[kept]
        # Written last is what stays: the surest go last.
        order = numpy.argsort(graph.standings[numbers], kind="stable")[::-1]
        by[nodes[order]] = numbers[order]
        steps[nodes] = step
        frontier = _distinct(nodes, steps, step)
    return GraphReach(graph, direction, begin, steps, by, sure_only)


def edge_places(starts: Any, nodes: Any) -> NDArray[numpy.int64]:
    """Return the places in a matrix's data of all entries in some of its rows."""
    first = starts[nodes].astype(numpy.int64)
    counts = starts[nodes + 1] - first
    total = int(counts.sum())
    ends = numpy.cumsum(counts)
    found: NDArray[numpy.int64] = numpy.repeat(first - ends + counts, counts) + numpy.arange(total)
    return found


def _distinct(nodes: Ints, steps: NDArray[numpy.int16], step: int) -> Ints:
    if len(nodes) * _DENSE > len(steps):
        return numpy.flatnonzero(steps == step).astype(numpy.int32)
    return numpy.unique(nodes)
