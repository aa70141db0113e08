"""Ending a run because somebody says so."""

from datetime import datetime

from django.contrib.auth.models import User

from inventory.models import InventoryRun
from inventory.runs.ending import end_early


class CannotCancel(Exception):
    """A run cannot be cancelled; the message says why."""


def cancel_run(*, run: InventoryRun, actor: User, now: datetime) -> InventoryRun:
    """End a run that is queued or goes on. What it has stored stays; it stores nothing more.

    :raises CannotCancel: it has ended.
    """
    ended = end_early(
        run_id=run.pk,
        state=InventoryRun.State.CANCELLED,
        error=f"cancelled by {actor.get_username()}",
        now=now,
    )
    run.refresh_from_db()
    if not ended:
        raise CannotCancel(f"run {run.pk} has ended: it is {run.get_state_display().lower()}")
    return run
