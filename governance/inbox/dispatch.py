"""Sends organizations whose findings may have changed to the workers."""

from typing import Any, Final

from governance.baseline.guardrails.signals import results_refreshed
from governance.detections.signals import detections_changed
from governance.drift.signals import drift_changed
from governance.jobs.sending import send_on_commit
from governance.posture.trust.signals import edges_refreshed
from inventory.models import Connection, InventoryRun
from inventory.signals import run_ended

REFRESH: Final = "inbox.refresh"
REFRESH_DETECTIONS: Final = "inbox.refresh_detections"


def follow_run(*, run: InventoryRun, **_: Any) -> None:
    """Have a worker look what a run changed. Where the broker is away, beat sees to it."""
    refresh_send(run.connection_id)


def follow_found(*, connection: Connection, **_: Any) -> None:
    """Have a worker look what a source that was worked out again changed."""
    refresh_send(connection.pk)


def follow_detections(*, connection: Connection, **_: Any) -> None:
    """Have a worker take detections into the inbox, at once and during runs too."""
    send_on_commit(REFRESH_DETECTIONS, connection_id=connection.pk)


def refresh_send(connection_id: int) -> None:
    """Have a worker bring the inbox up to date, once this transaction has committed."""
    send_on_commit(REFRESH, connection_id=connection_id)


def register() -> None:
    """Ask for it whenever a run has ended, and whenever a source changed."""
    run_ended.connect(follow_run, dispatch_uid="inbox.refresh")
    edges_refreshed.connect(follow_found, dispatch_uid="inbox.refresh")
    results_refreshed.connect(follow_found, dispatch_uid="inbox.refresh")
    drift_changed.connect(follow_found, dispatch_uid="inbox.refresh")
    detections_changed.connect(follow_detections, dispatch_uid="inbox.refresh")
