"""Sends reports to the workers, by the names of their tasks."""

from typing import Final
from uuid import UUID

from governance.jobs.tasks import job_send

MAKE: Final = "reports.make"
EXPIRE: Final = "reports.expire"


def send_report(job_id: UUID) -> None:
    """Queue one report.

    :raises kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    job_send(MAKE, job_id)
