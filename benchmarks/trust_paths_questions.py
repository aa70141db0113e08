"""`python -m benchmarks.trust_paths_questions`: make the graph, ask it, print times and sizes."""

from __future__ import annotations

import random
import resource
from collections.abc import Callable
from functools import partial
from time import perf_counter, process_time
from typing import Any, Final

import django
import numpy

# What is measured imports models, which Django has to know first.
django.setup()

from benchmarks.calibration import calibration_seconds  # noqa: E402
from benchmarks.tables import in_loops  # noqa: E402
from governance.posture.paths.cuts import cuts  # noqa: E402
from governance.posture.paths.graph import EdgeKind, EdgeList, EdgeWay, TrustGraph  # noqa: E402
from governance.posture.paths.nodes import PRIVILEGES, NodeKind, PathNode, Privilege  # noqa: E402
from governance.posture.paths.reach import Direction, reach  # noqa: E402
from governance.posture.who_can.population import IdentityClass, Population  # noqa: E402
from inventory.selectors.population import MARK  # noqa: E402

PRINCIPALS: Final = 500_000
ACCOUNTS: Final = 10_000
EDGES: Final = 2_000_000
QUESTIONS: Final = 200
CUTS: Final = 20
_SEED: Final = 20261129
_LOCAL: Final = 0.97


def main() -> None:
    """Print times and sizes."""
    print(f"Paths: {PRINCIPALS:,} principals, {ACCOUNTS:,} accounts, {EDGES:,} edges")
    loop = calibration_seconds()
    started = perf_counter()
    graph = _graph()
    print(f"put together in {perf_counter() - started:.1f} s; calibration loop {loop * 1e3:.1f} ms")
    print(f"edges and matrices: {graph.size_bytes / 1e6:.0f} MB; the process: {_peak_mb():.0f} MB")
    chosen = random.Random(_SEED)
    starts = [chosen.randrange(PRINCIPALS) for _ in range(QUESTIONS)]
    columns = ("ms median", "p95", "max", "in loops: p95", "nodes median", "max")
    print(f"{'question':<34}" + "".join(f"{name:>15}" for name in columns))
    for words, direction in (
        ("what one principal reaches", Direction.FORWARD),
        ("who reaches one principal", Direction.BACKWARD),
    ):
        _measured(words, starts, partial(_reached, graph, direction), loop)
    everywhere = list(range(0, PRINCIPALS, 50))
    few = starts[:CUTS]
    _measured("what 10,000 principals reach", few, lambda _: _all(graph, everywhere), loop)
    _measured("the best five cuts", few, lambda start: _cut(graph, start), loop)


def _measured(words: str, starts: list[int], ask: Callable[[int], int], loop: float) -> None:
    times, sizes = [], []
    for start in starts:
        began = process_time()
        sizes.append(ask(start))
        times.append((process_time() - began) * 1e3)
    times.sort()
    sizes.sort()
    middle, late = len(times) // 2, int(len(times) * 0.95)
    p95 = times[min(late, len(times) - 1)]
    print(
        f"{words:<34}{times[middle]:>15.1f}{p95:>15.1f}{times[-1]:>15.1f}"
        f"{in_loops(p95 / 1e3, loop):>15}{sizes[middle]:>15,}{sizes[-1]:>15,}"
    )


def _reached(graph: TrustGraph, direction: Direction, start: int) -> int:
    found = reach(graph, [start], direction)
    nodes = found.reached
    if len(nodes):
        found.path(int(nodes[-1]))
    return len(nodes)


def _all(graph: TrustGraph, starts: list[int]) -> int:
    return len(reach(graph, starts).reached)


def _cut(graph: TrustGraph, start: int) -> int:
    found = reach(graph, [start])
    cuts(found)
    return len(found.reached)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _graph() -> TrustGraph:
    """Most edges stay within an account; one principal in a hundred administers its own."""
    numbers = numpy.random.default_rng(_SEED)
    each = PRINCIPALS // ACCOUNTS
    administrators = numpy.arange(0, PRINCIPALS, 100)
    edges = EdgeList()
    control = PRINCIPALS + administrators // each
    edges.add_many(administrators, control, 0, EdgeWay(EdgeKind.CONTROLS))
    everybody = numpy.arange(PRINCIPALS)
    edges.add_many(PRINCIPALS + everybody // each, everybody, 0, EdgeWay(EdgeKind.CONTROLS))
    left = EDGES - len(administrators) - PRINCIPALS
    sources = numbers.integers(0, PRINCIPALS, left)
    near = sources // each * each + numbers.integers(0, each, left)
    far = numbers.integers(0, PRINCIPALS, left)
    targets = numpy.where(numbers.random(left) < _LOCAL, near, far)
    standings = (numbers.random(left) < 0.2).astype(numpy.uint8)
    edges.add_many(sources, targets, standings, EdgeWay(EdgeKind.ASSUMES, ("sts:AssumeRole",)))
    begins, ends, places, way_of, ways = edges.arrays()
    others = tuple(
        PathNode(NodeKind.CONTROL, account, account, account) for account in _account_ids()
    )
    limited = PRIVILEGES.index(Privilege.LIMITED)
    return TrustGraph(
        key=("benchmark",),
        population=_population(each),
        others=others,
        sources=begins,
        targets=ends,
        standings=places,
        way_of=way_of,
        ways=ways,
        privileges=numpy.full(PRINCIPALS + ACCOUNTS, limited, dtype=numpy.uint8),
    )


def _account_ids() -> tuple[str, ...]:
    return tuple(f"{100_000_000_000 + number}" for number in range(ACCOUNTS))


def _population(each: int) -> Population:
    everybody: Any = numpy.arange(PRINCIPALS, dtype=numpy.int64)
    nothing = numpy.zeros(PRINCIPALS, dtype=numpy.int64)
    return Population(
        key=("benchmark",),
        account_ids=_account_ids(),
        names=tuple(f"arn:aws:iam::{MARK}:role/role-{number}" for number in range(each)),
        tags=("{}",),
        identities=(IdentityClass("role", False, (), None),),
        pks=everybody + 1,
        accounts=everybody // each,
        called=everybody % each,
        tagged=nothing,
        classes=nothing,
    )


if __name__ == "__main__":
    main()
