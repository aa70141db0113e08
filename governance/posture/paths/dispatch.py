"""Sends questions about paths to the workers, by the names of their tasks."""

from typing import Final
from uuid import UUID

from governance.jobs.tasks import job_send

RUN: Final = "paths.run"
EXPIRE: Final = "paths.expire"


def send_question(job_id: UUID) -> None:
    """Queue one question.

    :raises kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    job_send(RUN, job_id)
