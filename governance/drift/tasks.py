"""Celery's edge of drift."""

from typing import Final

from django.db import transaction
from django.utils import timezone

from governance.drift.dispatch import EXPLAIN, REFRESH
from governance.drift.finding import refresh_drift
from governance.drift.ignoring import ignore_rules_end_due
from governance.drift.logged_events import explain_late
from governance.jobs.refreshing import refreshing_task
from inventory.models import Connection

_LIMIT: Final = 600


@refreshing_task(name=REFRESH, seconds=_LIMIT, during_runs=True)
def refresh_drift_task(connection: Connection) -> None:
    """Bring drift up to what is collected; end what rules ignore."""
    now = timezone.now()
    refresh_drift(connection, now=now)
    ignore_rules_end_due(connection, now=now)


@refreshing_task(name=EXPLAIN, seconds=_LIMIT, during_runs=True)
def explain_drift_task(connection: Connection) -> None:
    """Look in the logs that were read since who caused open drift."""
    with transaction.atomic():
        explain_late(connection, now=timezone.now())
