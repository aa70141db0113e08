"""Sends organizations whose inventory changed to the workers, to work their trust out."""

from typing import Any, Final

from governance.jobs.sending import send_on_commit
from inventory.models import InventoryRun
from inventory.signals import run_ended

REFRESH: Final = "posture.refresh_trust"


def refresh_request(*, run: InventoryRun, **_: Any) -> None:
    """Have a worker work out what a run changed. Where the broker is away, beat sees to it."""
    refresh_send(run.connection_id)


def refresh_send(connection_id: int) -> None:
    """Have a worker work trust out, once this transaction has committed."""
    send_on_commit(REFRESH, connection_id=connection_id)


def register() -> None:
    """Ask for it whenever a run has ended."""
    run_ended.connect(refresh_request, dispatch_uid="posture.refresh_trust")
