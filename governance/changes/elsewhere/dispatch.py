"""Names of this package's tasks, and when they are asked for."""

from typing import Any, Final

from governance.changes.elsewhere.observing import OPEN
from governance.changes.models import ChangeRequest
from governance.jobs.sending import send_on_commit
from inventory.models import InventoryRun
from inventory.signals import organization_stored

OBSERVE: Final = "changes.observe_handed_out"


def observation_request(*, run: InventoryRun, **_: Any) -> None:
    """Have a worker compare what a run stored with the plans that were handed out.

    Where the broker cannot be reached it is compared by schedule.
    """
    waiting = ChangeRequest.objects.filter(connection_id=run.connection_id, state__in=OPEN)
    if waiting.exists():
        send_on_commit(OBSERVE)


def register() -> None:
    """Ask for a comparison whenever a run has stored the organization."""
    organization_stored.connect(observation_request, dispatch_uid="changes.observe_handed_out")
