"""Sends organizations whose structure was read, or whose baseline moved, to the workers."""

from typing import Any, Final

from governance.baseline.guardrails.signals import results_refreshed
from governance.baseline.structure.models import BaselineVersion
from governance.baseline.structure.signals import baseline_moved
from governance.jobs.sending import send_on_commit
from inventory.models import Connection, InventoryRun
from inventory.signals import organization_stored, run_ended

REFRESH: Final = "drift.refresh"


def refresh_send(connection_id: int) -> None:
    """Have a worker find drift, once this transaction has committed."""
    send_on_commit(REFRESH, connection_id=connection_id)


def follow_run(*, run: InventoryRun, **_: Any) -> None:
    """Look for drift when a run has stored the organization, and when it has ended."""
    refresh_send(run.connection_id)


def follow_baseline(*, version: BaselineVersion, **_: Any) -> None:
    """Look for drift when something else is agreed."""
    refresh_send(version.connection_id)


def follow_results(*, connection: Connection, **_: Any) -> None:
    """Look for guardrails that hold no more once results are worked out."""
    refresh_send(connection.pk)


def register() -> None:
    """Ask for it whenever one of these happens."""
    run_ended.connect(follow_run, dispatch_uid="drift.refresh")
    organization_stored.connect(follow_run, dispatch_uid="drift.refresh")
    baseline_moved.connect(follow_baseline, dispatch_uid="drift.refresh")
    results_refreshed.connect(follow_results, dispatch_uid="drift.refresh")
