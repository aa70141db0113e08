"""Celery's edge of the inbox."""

import logging

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from governance.inbox.dispatch import REFRESH
from governance.inbox.refreshing import refresh_inbox
from inventory.models import Connection
from inventory.selectors.runs import active_run
from inventory.viewing import Viewer

log = logging.getLogger(__name__)

_LIMIT = 600
_VIEWER = Viewer(sees_inventory=True)


# Not acks_late: beat asks again soon, and each transaction does all or nothing.
@shared_task(
    name=REFRESH,
    acks_late=False,
    ignore_result=True,
    expires=600,
    soft_time_limit=_LIMIT,
    time_limit=_LIMIT + 30,
)
def refresh_inbox_task(connection_id: int | None = None) -> None:
    """Bring the inbox up to what is found, of one organization or of all.

    While a run goes on its rows change account by account: its end asks again.
    """
    chosen = Connection.objects.order_by("pk")
    if connection_id is not None:
        chosen = chosen.filter(pk=connection_id)
    for connection in chosen:
        if active_run(_VIEWER, connection=connection) is not None:
            continue
        try:
            refresh_inbox(connection, now=timezone.now())
        except SoftTimeLimitExceeded:
            log.warning("the inbox of %s took too long to refresh", connection)
            return
