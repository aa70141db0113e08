"""Simulations that programs ask for: answered at once where that is quick, else queued."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User

from governance.edits.operations import JsonObject, Operation, read_operations
from governance.effects.of_edits import Simulated, simulate
from governance.effects.of_two_states import effects_between, states_effects_result
from governance.effects.results import result_of
from governance.jobs.life import job_queue, job_run
from governance.simulations import dispatch
from governance.simulations.models import SimulationJob
from governance.usage.recorded import replay_recorded
from inventory.models import Connection
from inventory.viewing import Viewer


def is_quick(simulated: Simulated) -> bool:
    """Whether a simulation may be answered while the asker waits."""
    return len(simulated.drafted.affected_accounts) <= settings.SIMULATION_AT_ONCE_ACCOUNTS


def simulation_request(
    *,
    connection: Connection,
    requested_by: User,
    viewer: Viewer,
    operations: Sequence[Operation],
    as_of: datetime | None,
    now: datetime,
    prior: Sequence[Operation] = (),
) -> SimulationJob:
    """Queue a simulation when the transaction commits; its result is kept for some hours."""
    return _queue(
        viewer,
        SimulationJob(
            connection=connection,
            requested_by=requested_by,
            operations=[operation.as_json() for operation in operations],
            prior=[operation.as_json() for operation in prior],
            as_of=as_of,
            requested_at=now,
        ),
    )


def comparison_request(
    *,
    connection: Connection,
    requested_by: User,
    viewer: Viewer,
    before: datetime,
    after: datetime,
    now: datetime,
) -> SimulationJob:
    """Queue the effects of a comparison as `simulation_request` does those of a simulation."""
    return _queue(
        viewer,
        SimulationJob(
            kind=SimulationJob.Kind.COMPARISON,
            connection=connection,
            requested_by=requested_by,
            as_of=before,
            until=after,
            requested_at=now,
        ),
    )


def replay_request(
    *,
    connection: Connection,
    requested_by: User,
    viewer: Viewer,
    operations: Sequence[Operation],
    as_of: datetime | None,
    days: int,
    now: datetime,
) -> SimulationJob:
    """Queue the replay of recorded usage as `simulation_request` does a simulation."""
    return _queue(
        viewer,
        SimulationJob(
            kind=SimulationJob.Kind.REPLAY,
            connection=connection,
            requested_by=requested_by,
            operations=[operation.as_json() for operation in operations],
            as_of=as_of,
            days=days,
            requested_at=now,
        ),
    )


def _queue(viewer: Viewer, job: SimulationJob) -> SimulationJob:
    return job_queue(
        job,
        viewer=viewer,
        kept_hours=settings.SIMULATION_RESULT_HOURS,
        send=dispatch.send_simulation,
    )


def simulation_run(*, job_id: UUID, clock: Callable[[], datetime]) -> None:
    """Find the effects of a queued job and keep them."""

    def effects(job: SimulationJob, viewer: Viewer) -> JsonObject:
        return _result(job, viewer, clock().date())

    job_run(SimulationJob, job_id=job_id, clock=clock, answer=effects)


def _result(job: SimulationJob, viewer: Viewer, today: date) -> JsonObject:
    if job.kind == SimulationJob.Kind.COMPARISON:
        meaning = effects_between(
            viewer, connection=job.connection, before=job.as_of, after=job.until
        )
        return states_effects_result(meaning)
    simulated = simulate(
        viewer,
        connection=job.connection,
        operations=read_operations(job.operations),
        as_of=job.as_of,
        today=today,
        prior=read_operations(job.prior),
    )
    if job.kind == SimulationJob.Kind.REPLAY:
        replayed = replay_recorded(
            viewer,
            connection=job.connection,
            states=simulated.drafted,
            now=job.requested_at,
            days=job.days,
        )
        return replayed.result
    return result_of(simulated)
