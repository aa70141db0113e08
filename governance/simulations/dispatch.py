"""Sends simulations to the workers, by the names of their tasks."""

from typing import Final
from uuid import UUID

from governance.jobs.tasks import job_send

RUN: Final = "simulations.run"
EXPIRE: Final = "simulations.expire"


def send_simulation(job_id: UUID) -> None:
    """Queue one simulation.

    :raises kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    job_send(RUN, job_id)
