"""Sends simulations to the workers, by the names of their tasks."""

from typing import Final
from uuid import UUID

from celery import current_app

RUN: Final = "simulations.run"
EXPIRE: Final = "simulations.expire"


def send_simulation(job_id: UUID) -> None:
    """Queue one simulation.

    :raises kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    current_app.send_task(RUN, kwargs={"job_id": str(job_id)})
