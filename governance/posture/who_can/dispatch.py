"""Sends questions to the workers, by the names of their tasks."""

from typing import Final
from uuid import UUID

from governance.jobs.tasks import job_send

RUN: Final = "who_can.run"
EXPIRE: Final = "who_can.expire"


def send_question(job_id: UUID) -> None:
    """Queue one question.

    :raises kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    job_send(RUN, job_id)
