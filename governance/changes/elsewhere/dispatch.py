"""Names of this package's tasks, and when they are asked for."""

import logging
from typing import Any, Final

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from governance.changes.elsewhere.observing import OPEN
from governance.changes.models import ChangeRequest
from inventory.models import InventoryRun
from inventory.signals import organization_stored

log = logging.getLogger(__name__)

OBSERVE: Final = "changes.observe_handed_out"


def observation_request(*, run: InventoryRun, **_: Any) -> None:
    """Have a worker compare what a run stored with the plans that were handed out.

    Where the broker cannot be reached it is compared by schedule.
    """
    waiting = ChangeRequest.objects.filter(connection_id=run.connection_id, state__in=OPEN)
    if waiting.exists():
        transaction.on_commit(_send)


def _send() -> None:
    try:
        current_app.send_task(OBSERVE)
    except OperationalError:
        log.exception("%s could not be handed to the broker", OBSERVE)


def register() -> None:
    """Ask for a comparison whenever a run has stored the organization."""
    organization_stored.connect(observation_request, dispatch_uid="changes.observe_handed_out")
