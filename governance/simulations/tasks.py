"""Celery's edge of simulations: each task makes one call."""

from functools import partial
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from governance.jobs.life import answer_in_task, jobs_expire
from governance.simulations import dispatch, jobs
from governance.simulations.models import SimulationJob

_LIMIT = settings.SIMULATION_SECONDS


# Not acks_late: a simulation that killed its worker would kill the next one too.
@shared_task(
    name=dispatch.RUN,
    acks_late=False,
    ignore_result=True,
    soft_time_limit=_LIMIT,
    time_limit=_LIMIT + 30,
)
def run_simulation_task(*, job_id: str) -> None:
    """Run one simulation."""
    answer_in_task(
        SimulationJob,
        job_id=UUID(job_id),
        run=partial(jobs.simulation_run, clock=timezone.now),
        limit_seconds=_LIMIT,
        advice="simulate fewer edits at once",
    )


# Not acks_late: beat asks again in an hour. It expires, so that none pile up meanwhile.
@shared_task(name=dispatch.EXPIRE, acks_late=False, ignore_result=True, expires=3500)
def expire_simulations_task() -> None:
    """Delete the results whose time is over."""
    jobs_expire(SimulationJob, now=timezone.now())
