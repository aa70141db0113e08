"""Notes what was read of the logs, and has a worker judge it."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django.utils import timezone

from governance.detections.models import UnjudgedLogs
from governance.jobs.sending import send_on_commit
from inventory.signals import logs_were_read

DETECT: Final = "detections.detect"


def follow_logs(
    *, organization_id: int, days: Iterable[date], event_ids: Iterable[str], **_: Any
) -> None:
    """Note what a batch of log files brought, in the transaction that stores it.

    Events are judged at once; usage and denials when beat asks next.
    """
    ids, dates = list(event_ids), sorted({day.isoformat() for day in days})
    if not ids and not dates:
        return
    UnjudgedLogs.objects.create(
        connection_id=organization_id, event_ids=ids, days=dates, read_at=timezone.now()
    )
    if ids:
        send_on_commit(DETECT, connection_id=organization_id)


def register() -> None:
    """Follow what is read of the logs."""
    logs_were_read.connect(follow_logs, dispatch_uid="detections.logs")
