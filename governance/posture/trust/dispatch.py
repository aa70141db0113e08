"""Sends organizations whose inventory changed to the workers, to work their trust out."""

import logging
from typing import Any, Final

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from inventory.models import InventoryRun
from inventory.signals import run_ended

log = logging.getLogger(__name__)

REFRESH: Final = "posture.refresh_trust"


def refresh_request(*, run: InventoryRun, **_: Any) -> None:
    """Have a worker work out what a run changed. Where the broker is away, beat sees to it."""
    refresh_send(run.connection_id)


def refresh_send(connection_id: int) -> None:
    """Have a worker work trust out, once this transaction has committed."""
    transaction.on_commit(lambda: _send(connection_id))


def _send(connection_id: int) -> None:
    try:
        current_app.send_task(REFRESH, kwargs={"connection_id": connection_id})
    except OperationalError:
        log.exception("%s could not be handed to the broker", REFRESH)


def register() -> None:
    """Ask for it whenever a run has ended."""
    run_ended.connect(refresh_request, dispatch_uid="posture.refresh_trust")
