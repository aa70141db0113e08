"""Graphs that this process puts together in a thread, while requests say how far it is."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock, Thread
from typing import Final

from django.conf import settings
from django.db import connections

from governance.posture.paths.building import graph_at_hand, graph_key, load_graph
from governance.posture.paths.graph import TrustGraph
from governance.posture.state.organization import load_organization
from governance.posture.who_can.progress import Progress
from inventory.models import Connection
from inventory.viewing import Viewer

log = logging.getLogger(__name__)

_MOST_WAITED: Final = 1.0
"""Seconds that a request waits for a graph: a small organization's is there by then."""


class GraphBuildFailed(Exception):
    """The graph could not be built; the log says why."""


@dataclass(slots=True)
class GraphBuild:
    """How far a graph is. `percent`: of a hundred parts."""

    words: str = "Waiting for another graph"
    percent: int = 0
    has_failed: bool = False
    ended: Event = field(default_factory=Event)

    def tell(self, words: str, percent: int) -> None:
        """Note what is being done."""
        self.words, self.percent = words, percent


class GraphBuilds:
    """The graphs that are being put together in this process, each once."""

    def __init__(self) -> None:
        self._running: dict[tuple[object, ...], GraphBuild] = {}
        self._lock = Lock()

    def start(self, key: tuple[object, ...], make: Callable[[Progress], object]) -> GraphBuild:
        """Return the build of a key; where none is running, `make` begins in a thread.

        A build that has failed is told once, and then begun again.
        """
        with self._lock:
            known = self._running.get(key)
            if known is not None:
                if known.ended.is_set():
                    del self._running[key]
                return known
            build = self._running[key] = GraphBuild()
        Thread(target=self._run, args=(key, build, make), name="graph", daemon=True).start()
        return build

    def _run(
        self, key: tuple[object, ...], build: GraphBuild, make: Callable[[Progress], object]
    ) -> None:
        try:
            make(build.tell)
        except Exception:
            log.exception("a graph of paths could not be built")
            build.has_failed = True
        finally:
            connections.close_all()
            if not build.has_failed:
                with self._lock:
                    self._running.pop(key, None)
            build.ended.set()


_builds: Final = GraphBuilds()


def graph_or_build(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> TrustGraph | GraphBuild:
    """Return the graph where this process has it, or has it within a second; else how far it is.

    :raises GraphBuildFailed: it could not be built.
    """
    found = graph_at_hand(viewer, connection=connection, as_of=as_of)
    if found is not None:
        return found
    if not settings.PATHS_BUILT_IN_THREADS:
        return load_graph(viewer, connection=connection, as_of=as_of)
    organization = load_organization(viewer, connection=connection, as_of=as_of)
    key = graph_key(viewer, connection=connection, organization=organization, as_of=as_of)
    build = _builds.start(
        key,
        lambda tell: load_graph(viewer, connection=connection, as_of=as_of, progress=tell),
    )
    build.ended.wait(_MOST_WAITED)
    if build.has_failed:
        raise GraphBuildFailed
    return graph_at_hand(viewer, connection=connection, as_of=as_of) or build
