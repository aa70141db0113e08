"""Questions that programs ask: queued, answered once by a worker, kept for some hours."""

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from kombu.exceptions import OperationalError

from governance.access.viewers import viewer_of
from governance.posture.who_can import dispatch
from governance.posture.who_can.answer import who_can
from governance.posture.who_can.listing import Filters, filtered
from governance.posture.who_can.models import WhoCanJob
from governance.posture.who_can.question import WhoCanQuestion, read_question
from governance.posture.who_can.results import result_json
from governance.posture.who_can.ways import Standing
from inventory.models import Connection
from inventory.viewing import Viewer, visible

log = logging.getLogger(__name__)

_State = WhoCanJob.State
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is kept, with the filters of its answer."""

    action: str
    resource: str = ""
    account: str = ""
    assume: tuple[str, ...] = ()
    resource_policy: str = ""
    under: str = ""
    standings: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def question(self, connection: Connection) -> WhoCanQuestion:
        """Return the question, checked.

        :raises CannotAnswer: a part of it says nothing.
        """
        return read_question(
            action=self.action,
            resource=self.resource,
            account=self.account,
            assume=self.assume,
            resource_policy=self.resource_policy,
            home_region=connection.home_region,
        )

    def filters(self) -> Filters:
        """Return which principals are wanted."""
        return Filters(
            standings=frozenset(map(Standing, self.standings)),
            kinds=frozenset(self.kinds),
            under=self.under,
        )


def asked_of(kept: dict[str, Any]) -> Asked:
    """Return a question as it was kept."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()
    }
    return Asked(**values)


def job_request(
    *,
    connection: Connection,
    requested_by: User,
    asked: Asked,
    as_of: datetime | None,
    now: datetime,
) -> WhoCanJob:
    """Queue a question when the transaction commits; its answer is kept for some hours."""
    with transaction.atomic():
        job = WhoCanJob.objects.create(
            connection=connection,
            requested_by=requested_by,
            asked=asdict(asked),
            as_of=as_of,
            requested_at=now,
            expires_at=now + timedelta(hours=settings.WHO_CAN_RESULT_HOURS),
        )
        transaction.on_commit(lambda: _send(job.pk, now))
    return job


def _send(job_id: UUID, now: datetime) -> None:
    try:
        dispatch.send_question(job_id)
    except OperationalError as error:
        log.exception("who-can question %s could not be queued", job_id)
        job_fail(
            job_id=job_id,
            error=f"it could not be queued: {error}; check that the broker is up",
            now=now,
        )


def job_run(*, job_id: UUID, clock: Callable[[], datetime]) -> None:
    """Answer a queued question; one that was begun or is gone is left alone."""
    begun = WhoCanJob.objects.filter(pk=job_id, state=_State.QUEUED).update(state=_State.RUNNING)
    if not begun:
        return
    job = WhoCanJob.objects.select_related("connection", "requested_by").get(pk=job_id)
    viewer = viewer_of(job.requested_by)
    if not viewer.sees_inventory:
        said = "who asked may no longer see the organization"
        job_fail(job_id=job_id, error=said, now=clock())
        return
    asked = asked_of(job.asked)

    def tell(words: str, percent: int) -> None:
        WhoCanJob.objects.filter(pk=job_id).update(progress=f"{words} ({percent} %)"[:200])

    answer = who_can(
        viewer,
        connection=job.connection,
        question=asked.question(job.connection),
        as_of=job.as_of,
        progress=tell,
    )
    job.result = result_json(answer, filtered(answer, asked.filters()), under=asked.under)
    job.state = _State.COMPLETE
    job.finished_at = clock()
    job.progress = ""
    job.save(update_fields=["result", "state", "finished_at", "progress"])


def job_fail(*, job_id: UUID, error: str, now: datetime) -> None:
    """End a question that cannot be answered."""
    WhoCanJob.objects.filter(pk=job_id).exclude(state=_State.COMPLETE).update(
        state=_State.FAILED, error=error, finished_at=now
    )


def jobs_expire(*, now: datetime) -> int:
    """Delete the answers whose time is over; returns how many."""
    ended = WhoCanJob.objects.filter(expires_at__lte=now).values("pk")[:_BATCH]
    deleted, _ = WhoCanJob.objects.filter(pk__in=ended).delete()
    return deleted


def who_can_job(
    viewer: Viewer, *, connection: Connection, job_id: UUID, now: datetime
) -> WhoCanJob | None:
    """Return a job that has not expired; its answer is everybody's who may see the organization."""
    rows = WhoCanJob.objects.filter(connection=connection, pk=job_id, expires_at__gt=now)
    return visible(rows, viewer).first()
