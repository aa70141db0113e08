"""Questions about paths that programs ask: queued, answered once by a worker, kept some hours."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User

from governance.jobs.life import job_queue, job_report_progress, job_run
from governance.posture.paths import dispatch
from governance.posture.paths.answer import PathAnswer, find_paths
from governance.posture.paths.building import load_graph
from governance.posture.paths.graph import TrustGraph
from governance.posture.paths.models import PathJob
from governance.posture.paths.reach import Direction
from governance.posture.paths.results import answer_json
from inventory.models import Connection
from inventory.viewing import Viewer


@dataclass(frozen=True, slots=True)
class QueuedPaths:
    """A question as it is kept."""

    start: str = ""
    end: str = ""
    direction: str = Direction.FORWARD.value
    sure_only: bool = False

    def answer(self, graph: TrustGraph, connection: Connection) -> PathAnswer:
        """Answer it.

        :raises CannotAnswer: what is asked for is not in the graph.
        """
        return find_paths(
            graph,
            connection=connection,
            start=self.start,
            end=self.end,
            direction=Direction(self.direction),
            sure_only=self.sure_only,
        )


def paths_request(
    *,
    connection: Connection,
    requested_by: User,
    viewer: Viewer,
    asked: QueuedPaths,
    as_of: datetime | None,
    now: datetime,
) -> PathJob:
    """Queue a question when the transaction commits; its answer is kept for some hours."""
    return job_queue(
        PathJob(
            connection=connection,
            requested_by=requested_by,
            asked=asdict(asked),
            as_of=as_of,
            requested_at=now,
        ),
        viewer=viewer,
        kept_hours=settings.PATHS_RESULT_HOURS,
        send=dispatch.send_question,
    )


def paths_run(*, job_id: UUID, clock: Callable[[], datetime]) -> None:
    """Answer a queued question and keep the answer."""
    job_run(PathJob, job_id=job_id, clock=clock, answer=_result)


def _result(job: PathJob, viewer: Viewer) -> dict[str, Any]:
    def tell(words: str, percent: int) -> None:
        job_report_progress(PathJob, job_id=job.pk, words=f"{words} ({percent} %)")

    graph = load_graph(viewer, connection=job.connection, as_of=job.as_of, progress=tell)
    answer = QueuedPaths(**job.asked).answer(graph, job.connection)
    return answer_json(viewer, answer, connection=job.connection, as_of=job.as_of)
