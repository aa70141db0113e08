"""Ending a run because somebody says so."""

from datetime import datetime

from inventory.models import InventoryRun
from inventory.runs.ending import end_early


class CannotCancel(Exception):
    """A run cannot be cancelled; the message says why."""


def cancel_run(*, run: InventoryRun, cancelled_by: str, now: datetime) -> InventoryRun:
    """End a run that is queued or goes on. What it has stored stays; it stores nothing more.

    `cancelled_by`: the name of whoever says so.

    :raises CannotCancel: it has ended.
    """
    ended = end_early(
        run_id=run.pk,
        state=InventoryRun.State.CANCELLED,
        error=f"cancelled by {cancelled_by}",
        now=now,
    )
    run.refresh_from_db()
    if not ended:
        raise CannotCancel(f"run {run.pk} has ended: it is {run.get_state_display().lower()}")
    return run
