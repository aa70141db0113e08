"""Sends questions about paths to the workers, by the names of their tasks."""

from typing import Any, Final
from uuid import UUID

from governance.jobs.sending import send_on_commit
from governance.jobs.tasks import job_send
from governance.posture.trust.signals import edges_refreshed
from inventory.models import Connection

RUN: Final = "paths.run"
EXPIRE: Final = "paths.expire"
FIND: Final = "paths.find"


def send_question(job_id: UUID) -> None:
    """Queue one question.

    :raises kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    job_send(RUN, job_id)


def finding_request(*, connection: Connection, **_: Any) -> None:
    """Have a worker ask what the graph shows, once edges are written. The next refresh asks again
    where the broker is away."""
    send_on_commit(FIND, connection_id=connection.pk)


def register() -> None:
    """Ask for it whenever edges were worked out."""
    edges_refreshed.connect(finding_request, dispatch_uid="paths.find")
