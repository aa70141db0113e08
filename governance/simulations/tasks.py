"""Celery's edge of simulations: each task makes one call."""

from uuid import UUID

from django.conf import settings
from django.utils import timezone

from governance.jobs.tasks import answering_task, expiring_task
from governance.simulations import dispatch, jobs
from governance.simulations.models import SimulationJob


@answering_task(
    SimulationJob,
    name=dispatch.RUN,
    seconds=settings.SIMULATION_SECONDS,
    advice="simulate fewer edits at once",
)
def run_simulation_task(job_id: UUID) -> None:
    """Run one simulation."""
    jobs.simulation_run(job_id=job_id, clock=timezone.now)


expire_simulations_task = expiring_task(SimulationJob, name=dispatch.EXPIRE)
