"""The graph of who can become whom: typed edges in sparse matrices.

Principals come first, in the order of their population, then all other nodes. Rows of `forward`
are where edges begin, those of `backward` where they end; both hold the number of the edge plus
one, so that several edges between the same two nodes stay apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

import numpy
from numpy.typing import NDArray
from scipy.sparse import csr_array

from governance.posture.paths.nodes import PRIVILEGES, NodeKind, PathNode, Privilege
from governance.posture.paths.population_index import PopulationIndex
from governance.posture.who_can.population import KINDS, Population
from governance.posture.who_can.ways import STANDINGS, Standing

Ints = NDArray[numpy.int32]
Bytes = NDArray[numpy.uint8]


class EdgeKind(StrEnum):
    """How a step is made. CONTROLS: by administrator's rights that are there already."""

    ASSUMES = "assumes_role"
    FEDERATES = "signs_in"
    ASSIGNED = "identity_center"
    PASSES = "passes_role"
    RUNS = "runs_code_as"
    TAKES_OVER = "takes_over"
    ESCALATES = "escalates"
    CONTROLS = "controls"
    ACCESSES = "accesses"

    @property
    def label(self) -> str:
        """The kind as screens say it."""
        return _LABELS[self]


_LABELS: Final = {
    EdgeKind.ASSUMES: "Assumes role",
    EdgeKind.FEDERATES: "Signs in as",
    EdgeKind.ASSIGNED: "Identity Center assignment",
    EdgeKind.PASSES: "Passes role to a service",
    EdgeKind.RUNS: "Runs code as",
    EdgeKind.TAKES_OVER: "Takes over",
    EdgeKind.ESCALATES: "Gives itself administrator rights",
    EdgeKind.CONTROLS: "Controls",
    EdgeKind.ACCESSES: "Accesses",
}


@dataclass(frozen=True, slots=True)
class EdgeWay:
    """What makes a step possible, alike for many edges.

    `actions`: what is called. `escalation`: the id of an entry of `escalations.json`. `edge_key`:
    of a stored trust edge. `keys`: context keys on which it hangs. `needs`: what must be there
    besides, in words, such as a function that runs as the role. `through`: the service, provider
    or principal in between.
    """

    kind: EdgeKind
    actions: tuple[str, ...] = ()
    escalation: str = ""
    edge_key: str = ""
    keys: tuple[str, ...] = ()
    needs: str = ""
    through: str = ""


@dataclass(frozen=True, slots=True)
class PathEdge:
    """One edge as it is shown. Numbers are places of nodes."""

    number: int
    source: int
    target: int
    standing: Standing
    way: EdgeWay


@dataclass(frozen=True, eq=False)
class TrustGraph:
    """Everything that can become something else, at one time.

    Arrays hold one number an edge, in the order of (source, standing, target). `standings`: places
    in STANDINGS. `privileges`: of each node its place in PRIVILEGES. `unknown_accounts`: those
    whose principals were never collected.
    """

    key: tuple[object, ...]
    population: Population
    others: tuple[PathNode, ...]
    sources: Ints
    targets: Ints
    standings: Bytes
    way_of: Ints
    ways: tuple[EdgeWay, ...]
    privileges: Bytes
    unknown_accounts: frozenset[str] = frozenset()
    is_whole: bool = True
    forward: Any = field(init=False, repr=False)
    backward: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        size = len(self)
        numbers = numpy.arange(1, len(self.sources) + 1, dtype=numpy.int32)
        object.__setattr__(self, "forward", _matrix(self.sources, self.targets, numbers, size))
        order = numpy.argsort(self.targets, kind="stable")
        backward = _matrix(self.targets[order], self.sources[order], numbers[order], size)
        object.__setattr__(self, "backward", backward)

    def __len__(self) -> int:
        return len(self.population) + len(self.others)

    @property
    def size_bytes(self) -> int:
        """The memory of the edges' arrays and both matrices."""
        arrays: list[Any] = [
            self.sources,
            self.targets,
            self.standings,
            self.way_of,
            self.privileges,
        ]
        for matrix in (self.forward, self.backward):
            arrays += [matrix.data, matrix.indices, matrix.indptr]
        return sum(array.nbytes for array in arrays)

    def node(self, number: int) -> PathNode:
        """Return a node."""
        population = self.population
        if number >= len(population):
            return self.others[number - len(population)]
        return PathNode(
            kind=NodeKind(KINDS[int(population.kinds[number])]),
            id=population.arn(number),
            account_id=population.account_id(number),
            name=population.short_names[int(population.called[number])],
        )

    def privilege(self, number: int) -> Privilege:
        """Return how much a node gives."""
        return PRIVILEGES[int(self.privileges[number])]

    def edge(self, number: int) -> PathEdge:
        """Return an edge."""
        return PathEdge(
            number,
            int(self.sources[number]),
            int(self.targets[number]),
            STANDINGS[int(self.standings[number])],
            self.ways[int(self.way_of[number])],
        )

    def between(self, source: int, target: int) -> tuple[PathEdge, ...]:
        """Return every edge from one node to another, the surest first."""
        start, end = self.forward.indptr[source : source + 2]
        places = numpy.flatnonzero(self.forward.indices[start:end] == target) + start
        return tuple(self.edge(int(self.forward.data[place]) - 1) for place in places)

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """The number of each node that is no principal, by its key."""
        start = len(self.population)
        return {node.key: start + number for number, node in enumerate(self.others)}

    @cached_property
    def index(self) -> PopulationIndex:
        """Finds principals."""
        return PopulationIndex(self.population)

    def find(self, key: str) -> int | None:
        """Return the number of a node by its ARN or key; None: there is none."""
        place = self.place_of.get(key)
        return place if place is not None else self.index.row_of(key)

    @cached_property
    def account_places(self) -> Ints:
        """For each node the place of its account in the population's, -1 where it has none."""
        places = numpy.full(len(self), -1, dtype=numpy.int32)
        places[: len(self.population)] = self.population.accounts
        for number, node in enumerate(self.others, start=len(self.population)):
            places[number] = self.population.place_of.get(node.account_id, -1)
        return places


def _matrix(rows: Ints, columns: Ints, numbers: Ints, size: int) -> Any:
    """Return a matrix of edges; `rows` ascend. Entries at one place are not summed."""
    starts = numpy.searchsorted(rows, numpy.arange(size + 1)).astype(numpy.int32)
    return csr_array((numbers, columns, starts), shape=(size, size))


class EdgeList:
    """Collects edges, then orders them; equal ways are one."""

    def __init__(self) -> None:
        self._sources: list[Ints] = []
        self._targets: list[Ints] = []
        self._standings: list[Bytes] = []
        self._ways: list[Ints] = []
        self._numbers: dict[EdgeWay, int] = {}
        self._one: list[tuple[int, int, int, int]] = []

    def add(self, source: int, target: int, standing: Standing, way: EdgeWay) -> None:
        """Add one edge; one from a node to itself is left out."""
        if source != target:
            place = STANDINGS.index(standing)
            self._one.append((source, target, place, self._number(way)))

    def add_many(self, sources: Any, targets: Any, standings: Any, way: EdgeWay) -> None:
        """Add edges of one way. `standings`: places in STANDINGS, one for each or one for all."""
        begin, end, places = numpy.broadcast_arrays(sources, targets, standings)
        kept = begin != end
        self._sources.append(begin[kept].astype(numpy.int32))
        self._targets.append(end[kept].astype(numpy.int32))
        self._standings.append(places[kept].astype(numpy.uint8))
        self._ways.append(numpy.full(int(kept.sum()), self._number(way), dtype=numpy.int32))

    def _number(self, way: EdgeWay) -> int:
        return self._numbers.setdefault(way, len(self._numbers))

    def arrays(self) -> tuple[Ints, Ints, Bytes, Ints, tuple[EdgeWay, ...]]:
        """Return sources, targets, standings, places of ways, and the ways."""
        one = numpy.array(self._one, dtype=numpy.int32).reshape(-1, 4)
        sources = numpy.concatenate([*self._sources, one[:, 0]])
        targets = numpy.concatenate([*self._targets, one[:, 1]])
        standings = numpy.concatenate([*self._standings, one[:, 2].astype(numpy.uint8)])
        ways = numpy.concatenate([*self._ways, one[:, 3]])
        order = numpy.lexsort((ways, targets, standings, sources))
        return (
            sources[order].astype(numpy.int32),
            targets[order].astype(numpy.int32),
            standings[order].astype(numpy.uint8),
            ways[order].astype(numpy.int32),
            tuple(self._numbers),
        )
