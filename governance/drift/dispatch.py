"""Sends organizations whose structure was read, or whose baseline moved, to the workers."""

from collections.abc import Iterable
from typing import Any, Final

from governance.baseline.guardrails.signals import results_refreshed
from governance.baseline.structure.models import BaselineVersion
from governance.baseline.structure.signals import baseline_moved
from governance.jobs.sending import send_on_commit
from inventory.models import Connection, InventoryRun
from inventory.signals import logs_were_read, organization_stored, run_ended

REFRESH: Final = "drift.refresh"
EXPLAIN: Final = "drift.explain"


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


def follow_logs(*, organization_id: int, event_ids: Iterable[str], **_: Any) -> None:
    """Look who did it once events of the logs were stored."""
    if any(True for _ in event_ids):
        send_on_commit(EXPLAIN, connection_id=organization_id)


def register() -> None:
    """Ask for it whenever one of these happens."""
    run_ended.connect(follow_run, dispatch_uid="drift.refresh")
    organization_stored.connect(follow_run, dispatch_uid="drift.refresh")
    baseline_moved.connect(follow_baseline, dispatch_uid="drift.refresh")
    logs_were_read.connect(follow_logs, dispatch_uid="drift.explain")
    results_refreshed.connect(follow_results, dispatch_uid="drift.refresh")
