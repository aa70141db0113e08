"""Celery's edge of drift."""

import logging
from typing import Final

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from governance.drift.dispatch import REFRESH
from governance.drift.finding import refresh_drift
from governance.drift.ignoring import ignore_rules_end_due
from inventory.models import Connection

log = logging.getLogger(__name__)

_LIMIT: Final = 600


# Not acks_late: beat asks again in some minutes, and each transaction does all or nothing.
@shared_task(
    name=REFRESH,
    acks_late=False,
    ignore_result=True,
    expires=600,
    soft_time_limit=_LIMIT,
    time_limit=_LIMIT + 30,
)
def refresh_drift_task(connection_id: int | None = None) -> None:
    """Bring drift up to what is collected, of one organization or of all; end what rules ignore."""
    chosen = Connection.objects.order_by("pk")
    if connection_id is not None:
        chosen = chosen.filter(pk=connection_id)
    for connection in chosen:
        try:
            now = timezone.now()
            refresh_drift(connection, now=now)
            ignore_rules_end_due(connection, now=now)
        except SoftTimeLimitExceeded:
            log.warning("the drift of %s took too long to find", connection)
            return
