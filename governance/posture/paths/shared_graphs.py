"""The graph that one process put together, in the cache for all others.

At 1,000 accounts it takes minutes to put together and well under a second to read. It holds numbers
and names alone; each process reads the population that the numbers stand for by itself.
"""

import base64
import hashlib
import logging
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy
from django.core.cache import caches
from django.db import connection as database
from numpy.typing import NDArray

from governance.posture.paths.graph import EdgeKind, EdgeWay, TrustGraph
from governance.posture.paths.nodes import NodeKind, PathNode
from governance.posture.who_can.population import Population
from policies import load_catalogue

log = logging.getLogger(__name__)

_SECONDS: Final = 7 * 24 * 3600
_MOST_BYTES: Final = 256_000_000
"""Of one graph in the cache; a larger one is put together by each process."""
# To be raised when the form of a stored graph changes.
_FORMAT: Final = 1
_ARRAYS: Final = {
    "sources": numpy.int32,
    "targets": numpy.int32,
    "standings": numpy.uint8,
    "way_of": numpy.int32,
    "privileges": numpy.uint8,
}


def shared_graph(
    connection_id: int, key: tuple[object, ...], population: Population
) -> TrustGraph | None:
    """Return the whole organization's graph of a key; None: it is not there, or is of other rows.

    `population`: the one that the graph is to stand on.
    """
    try:
        stored = caches["optional"].get(_name(connection_id))
        if not isinstance(stored, dict) or stored.get("mark") != _mark(key, population):
            return None
        return _graph(stored, key, population)
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        log.warning("a graph in the cache has another form: %s", error)
    return None


def share_graph(connection_id: int, graph: TrustGraph) -> None:
    """Keep a whole organization's graph in place of its last one; without a cache, do nothing."""
    stored = _stored(graph)
    size = sum(len(text) for text in stored["arrays"].values())
    if size > _MOST_BYTES:
        log.warning("a graph of %s bytes is too large to share", f"{size:,}")
        return
    caches["optional"].set(_name(connection_id), stored, timeout=_SECONDS)


def _name(connection_id: int) -> str:
    """Return the one name of an organization's graph; several databases may share a cache."""
    settings = database.settings_dict
    place = repr((settings["HOST"], settings["PORT"], settings["NAME"], connection_id))
    return f"trust-graph:{hashlib.sha256(place.encode()).hexdigest()}"


def _mark(key: tuple[object, ...], population: Population) -> str:
    """Return what is equal in every process for equal graphs of the same product."""
    told = repr((_FORMAT, load_catalogue().version, _sources_mark(), _in_order(key)))
    digest = hashlib.sha256(told.encode())
    for array in (population.pks, population.accounts, population.called):
        digest.update(array.tobytes())
    digest.update("\n".join((*population.account_ids, *population.names)).encode())
    return digest.hexdigest()


@cache
def _sources_mark() -> str:
    """Return what changes when the product finds steps in another way: a digest of its sources."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.suffix in {".py", ".json"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _in_order(marks: object) -> object:
    """Return marks with their sets sorted: a set is told in another order by each process."""
    if isinstance(marks, frozenset):
        return sorted(marks)
    if isinstance(marks, tuple):
        return [_in_order(one) for one in marks]
    return marks


def _stored(graph: TrustGraph) -> dict[str, Any]:
    return {
        "mark": _mark(graph.key, graph.population),
        "others": [list(astuple(node)) for node in graph.others],
        "ways": [list(astuple(way)) for way in graph.ways],
        "arrays": {name: _packed(getattr(graph, name)) for name in _ARRAYS},
        "unknown_accounts": sorted(graph.unknown_accounts),
    }


def _graph(
    stored: Mapping[str, Any], key: tuple[object, ...], population: Population
) -> TrustGraph:
    arrays = {name: _unpacked(stored["arrays"][name], kind) for name, kind in _ARRAYS.items()}
    others = tuple(PathNode(NodeKind(kind), *names) for kind, *names in stored["others"])
    if len(arrays["privileges"]) != len(population) + len(others):
        raise ValueError("its nodes are not those of the population")
    return TrustGraph(
        key=key,
        population=population,
        others=others,
        ways=tuple(map(_way, stored["ways"])),
        unknown_accounts=frozenset(stored["unknown_accounts"]),
        is_whole=True,
        **arrays,
    )


def _way(stored: Sequence[Any]) -> EdgeWay:
    kind, actions, escalation, edge_key, keys, needs, through = stored
    return EdgeWay(
        EdgeKind(kind), tuple(actions), escalation, edge_key, tuple(keys), needs, through
    )


def _packed(array: NDArray[Any]) -> str:
    return base64.b64encode(zlib.compress(array.tobytes(), 1)).decode()


def _unpacked(text: str, kind: Any) -> NDArray[Any]:
    return numpy.frombuffer(zlib.decompress(base64.b64decode(text)), dtype=kind)
