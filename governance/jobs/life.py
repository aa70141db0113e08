"""The life of a job: queued, run once by a worker, deleted when its time is over."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db import transaction
from kombu.exceptions import OperationalError

from governance.access.viewers import viewer_of
from governance.jobs.models import Job
from inventory.models import Connection
from inventory.viewing import Viewer, viewer_within, visible_connections, visible_key

log = logging.getLogger(__name__)

_BATCH: Final = 500

Kind = TypeVar("Kind", bound=Job)


def job_queue(job: Kind, *, viewer: Viewer, kept_hours: int, send: Callable[[UUID], None]) -> Kind:
    """Store a job that is not stored yet, and send it to the workers when the transaction commits.

    `viewer`: who asks, as far as they see. `send`: queues it by its id; where the broker cannot be
    reached, the job fails and says so.
    """
    now = job.requested_at
    job.seen_part = visible_key(viewer, job.connection)
    job.token_places = viewer.token_places
    job.expires_at = now + timedelta(hours=kept_hours)

    def queue() -> None:
        try:
            send(job.pk)
        except OperationalError as error:
            log.exception("%s could not be queued", job)
            job_fail(
                type(job),
                job_id=job.pk,
                error=f"it could not be queued: {error}; check that the broker is up",
                now=now,
            )

    with transaction.atomic():
        job.save(force_insert=True)
        transaction.on_commit(queue)
    return job


def job_run(
    model: type[Kind],
    *,
    job_id: UUID,
    clock: Callable[[], datetime],
    answer: Callable[[Kind, Viewer], Mapping[str, Any]],
) -> None:
    """Answer a queued job and keep the answer; one that was begun or is gone is left alone."""
    rows = model._default_manager
    if not rows.filter(pk=job_id, state=Job.State.QUEUED).update(state=Job.State.RUNNING):
        return
    job = rows.select_related("connection", "requested_by").get(pk=job_id)
    viewer = viewer_within(viewer_of(job.requested_by), job.token_places)
    if not visible_connections(viewer).filter(pk=job.connection_id).exists():
        said = "who asked for it may no longer see the organization"
        job_fail(model, job_id=job_id, error=said, now=clock())
        return
    # What may be seen can have changed since it was asked.
    job.seen_part = visible_key(viewer, job.connection)
    job.result = answer(job, viewer)
    job.state = Job.State.COMPLETE
    job.finished_at = clock()
    job.progress = ""
    job.save(update_fields=["result", "state", "finished_at", "progress", "seen_part"])


def job_report_progress(model: type[Kind], *, job_id: UUID, words: str) -> None:
    """Say how far a job is."""
    model._default_manager.filter(pk=job_id).update(progress=words[:200])


def job_fail(model: type[Kind], *, job_id: UUID, error: str, now: datetime) -> None:
    """End a job that cannot be answered."""
    model._default_manager.filter(pk=job_id).exclude(state=Job.State.COMPLETE).update(
        state=Job.State.FAILED, error=error, finished_at=now
    )


def jobs_expire(model: type[Kind], *, now: datetime) -> int:
    """Delete the jobs whose time is over, some at a time; returns how many."""
    rows = model._default_manager
    ended = rows.filter(expires_at__lte=now).values("pk")[:_BATCH]
    deleted, _ = rows.filter(pk__in=ended).delete()
    return deleted


def job_find(
    model: type[Kind],
    viewer: Viewer,
    *,
    connection: Connection,
    job_id: UUID,
    now: datetime,
    **having: str,
) -> Kind | None:
    """Return a job that has not expired; its answer is that of everybody who sees the same part."""
    if not visible_connections(viewer).filter(pk=connection.pk).exists():
        return None
    rows = model._default_manager.filter(
        connection=connection, pk=job_id, expires_at__gt=now, **having
    )
    return rows.filter(seen_part=visible_key(viewer, connection)).first()
