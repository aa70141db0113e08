"""Celery's edge of the inbox."""

from typing import Final

from django.utils import timezone

from governance.inbox.dispatch import REFRESH, REFRESH_DETECTIONS
from governance.inbox.models import InboxItem
from governance.inbox.refreshing import refresh_inbox
from governance.jobs.refreshing import refreshing_task
from inventory.models import Connection

_LIMIT: Final = 600


@refreshing_task(name=REFRESH, seconds=_LIMIT)
def refresh_inbox_task(connection: Connection) -> None:
    """Bring the inbox up to what is found."""
    refresh_inbox(connection, now=timezone.now())


@refreshing_task(name=REFRESH_DETECTIONS, seconds=_LIMIT, during_runs=True)
def refresh_detections_task(connection: Connection) -> None:
    """Bring the inbox up to what rules find in the logs."""
    refresh_inbox(connection, now=timezone.now(), sources=(InboxItem.Source.DETECTION,))
