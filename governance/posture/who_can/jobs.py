"""Questions that programs ask: queued, answered once by a worker, kept for some hours."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User

from governance.jobs.life import job_queue, job_report_progress, job_run
from governance.posture.ceilings.usual import usual_region
from governance.posture.who_can import dispatch
from governance.posture.who_can.answer import who_can
from governance.posture.who_can.listing import Filters, filtered
from governance.posture.who_can.models import WhoCanJob
from governance.posture.who_can.question import WhoCanQuestion, read_question
from governance.posture.who_can.results import result_json
from governance.posture.who_can.ways import Standing
from inventory.models import Connection
from inventory.viewing import Viewer


@dataclass(frozen=True, slots=True)
class QueuedQuestion:
    """A question as it is kept, with the filters of its answer."""

    action: str
    resource: str = ""
    account: str = ""
    assume: tuple[str, ...] = ()
    resource_policy: str = ""
    under: str = ""
    standings: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def question(
        self, viewer: Viewer, connection: Connection, as_of: datetime | None
    ) -> WhoCanQuestion:
        """Return the question, checked, as somebody asks it of the state at a time.

        :raises CannotAnswer: a part of it says nothing.
        """
        return read_question(
            action=self.action,
            resource=self.resource,
            account=self.account,
            assume=self.assume,
            resource_policy=self.resource_policy,
            region=usual_region(viewer, connection=connection, as_of=as_of),
        )

    def filters(self) -> Filters:
        """Return which principals are wanted."""
        return Filters(
            standings=frozenset(map(Standing, self.standings)),
            kinds=frozenset(self.kinds),
            under=self.under,
        )


def asked_of(kept: dict[str, Any]) -> QueuedQuestion:
    """Return a question as it was kept."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()
    }
    return QueuedQuestion(**values)


def question_request(
    *,
    connection: Connection,
    requested_by: User,
    viewer: Viewer,
    asked: QueuedQuestion,
    as_of: datetime | None,
    now: datetime,
) -> WhoCanJob:
    """Queue a question when the transaction commits; its answer is kept for some hours."""
    return job_queue(
        WhoCanJob(
            connection=connection,
            requested_by=requested_by,
            asked=asdict(asked),
            as_of=as_of,
            requested_at=now,
        ),
        viewer=viewer,
        kept_hours=settings.WHO_CAN_RESULT_HOURS,
        send=dispatch.send_question,
    )


def question_run(*, job_id: UUID, clock: Callable[[], datetime]) -> None:
    """Answer a queued question and keep the answer."""
    job_run(WhoCanJob, job_id=job_id, clock=clock, answer=_result)


def _result(job: WhoCanJob, viewer: Viewer) -> dict[str, Any]:
    asked = asked_of(job.asked)

    def tell(words: str, percent: int) -> None:
        job_report_progress(WhoCanJob, job_id=job.pk, words=f"{words} ({percent} %)")

    answer = who_can(
        viewer,
        connection=job.connection,
        question=asked.question(viewer, job.connection, job.as_of),
        as_of=job.as_of,
        progress=tell,
    )
    return result_json(answer, filtered(answer, asked.filters()), under=asked.under)
