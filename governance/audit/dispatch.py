"""Names of the audit log's tasks, and how one is asked for from elsewhere."""

import logging
from typing import Final

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

SEAL: Final = "audit.seal"
CHECKPOINT: Final = "audit.checkpoint"
VERIFY: Final = "audit.verify"


def checkpoint_request() -> None:
    """Have a worker sign a checkpoint as soon as the transaction commits.

    Where the broker cannot be reached the next checkpoint comes by schedule.
    """
    transaction.on_commit(lambda: _send(CHECKPOINT))


def verification_request() -> None:
    """Have a worker verify the whole log."""
    transaction.on_commit(lambda: _send(VERIFY))


def _send(name: str) -> None:
    try:
        current_app.send_task(name)
    except OperationalError:
        log.exception("%s could not be handed to the broker", name)
