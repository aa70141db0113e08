"""Simulations that programs ask for: answered at once where that is quick, else queued."""

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from kombu.exceptions import OperationalError

from governance.access.viewers import viewer_of
from governance.simulations import dispatch
from governance.simulations.models import SimulationJob
from governance.simulations.operations import JsonObject, Operation, read_operations
from governance.simulations.results import result_of
from governance.simulations.simulating import Simulated, simulate
from governance.snapshots.effect import meaning_of, meaning_result
from inventory.models import Connection
from inventory.viewing import Viewer

log = logging.getLogger(__name__)

_State = SimulationJob.State
_BATCH: Final = 500


def is_quick(simulated: Simulated) -> bool:
    """Whether a simulation may be answered while the asker waits."""
    return len(simulated.drafted.affected_accounts) <= settings.SIMULATION_AT_ONCE_ACCOUNTS


def job_request(
    *,
    connection: Connection,
    requested_by: User,
    operations: Sequence[Operation],
    as_of: datetime | None,
    now: datetime,
    prior: Sequence[Operation] = (),
) -> SimulationJob:
    """Queue a simulation when the transaction commits; its result is kept for some hours."""
    return _queue(
        SimulationJob(
            connection=connection,
            requested_by=requested_by,
            operations=[operation.as_json() for operation in operations],
            prior=[operation.as_json() for operation in prior],
            as_of=as_of,
            requested_at=now,
        )
    )


def comparison_request(
    *,
    connection: Connection,
    requested_by: User,
    before: datetime,
    after: datetime,
    now: datetime,
) -> SimulationJob:
    """Queue the effects of a comparison as `job_request` does those of a simulation."""
    return _queue(
        SimulationJob(
            kind=SimulationJob.Kind.COMPARISON,
            connection=connection,
            requested_by=requested_by,
            as_of=before,
            until=after,
            requested_at=now,
        )
    )


def _queue(job: SimulationJob) -> SimulationJob:
    now = job.requested_at
    job.expires_at = now + timedelta(hours=settings.SIMULATION_RESULT_HOURS)
    with transaction.atomic():
        job.save(force_insert=True)
        transaction.on_commit(lambda: _send(job.pk, now))
    return job


def _send(job_id: UUID, now: datetime) -> None:
    try:
        dispatch.send_simulation(job_id)
    except OperationalError as error:
        log.exception("simulation %s could not be queued", job_id)
        job_fail(
            job_id=job_id,
            error=f"it could not be queued: {error}; check that the broker is up",
            now=now,
        )


def job_run(*, job_id: UUID, clock: Callable[[], datetime]) -> None:
    """Run a queued simulation and keep its result; one that was begun or is gone is left alone."""
    begun = SimulationJob.objects.filter(pk=job_id, state=_State.QUEUED).update(
        state=_State.RUNNING
    )
    if not begun:
        return
    job = SimulationJob.objects.select_related("connection", "requested_by").get(pk=job_id)
    viewer = viewer_of(job.requested_by)
    if not viewer.sees_inventory:
        said = "who asked for it may no longer see the organization"
        job_fail(job_id=job_id, error=said, now=clock())
        return
    job.result = _result(job, viewer, clock().date())
    job.state = _State.COMPLETE
    job.finished_at = clock()
    job.save(update_fields=["result", "state", "finished_at"])


def _result(job: SimulationJob, viewer: Viewer, today: date) -> JsonObject:
    if job.kind == SimulationJob.Kind.COMPARISON:
        meaning = meaning_of(viewer, connection=job.connection, before=job.as_of, after=job.until)
        return meaning_result(meaning)
    simulated = simulate(
        viewer,
        connection=job.connection,
        operations=read_operations(job.operations),
        as_of=job.as_of,
        today=today,
        prior=read_operations(job.prior),
    )
    return result_of(simulated)


def job_fail(*, job_id: UUID, error: str, now: datetime) -> None:
    """End a simulation that cannot be finished."""
    SimulationJob.objects.filter(pk=job_id).exclude(state=_State.COMPLETE).update(
        state=_State.FAILED, error=error, finished_at=now
    )


def jobs_expire(*, now: datetime) -> int:
    """Delete the results whose time is over; returns how many."""
    ended = SimulationJob.objects.filter(expires_at__lte=now).values("pk")[:_BATCH]
    deleted, _ = SimulationJob.objects.filter(pk__in=ended).delete()
    return deleted
