"""Sends questions about paths to the workers, by the names of their tasks."""

import logging
from typing import Any, Final
from uuid import UUID

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from governance.jobs.tasks import job_send
from governance.posture.trust.signals import edges_refreshed
from inventory.models import Connection

log = logging.getLogger(__name__)

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
    transaction.on_commit(lambda: _send(connection.pk))


def _send(connection_id: int) -> None:
    try:
        current_app.send_task(FIND, kwargs={"connection_id": connection_id})
    except OperationalError:
        log.exception("%s could not be handed to the broker", FIND)


def register() -> None:
    """Ask for it whenever edges were worked out."""
    edges_refreshed.connect(finding_request, dispatch_uid="paths.find")
