"""What beat does about logs: has sources listed, files read that wait, and Athena asked."""

from datetime import datetime, timedelta
from typing import Final

from celery import current_app
from django.conf import settings
from django.db.models import Q

from inventory.logs.athena.days import has_step
from inventory.logs.reading import open_files
from inventory.models import LogObject, LogSource

LIST: Final = "inventory.list_logs"
READ: Final = "inventory.read_logs"
RECEIVE: Final = "inventory.receive_logs"
ASK: Final = "inventory.ask_athena"
VERIFY: Final = "inventory.verify_logs"


def send_due(*, now: datetime) -> None:
    """Have every source listed that is due, and as many readers at work as settings allow.

    Of sources that Athena reads, have the step taken that can be.
    """
    sources = LogSource.objects.filter(is_enabled=True, connection__enabled=True)
    for source in sources.filter(kind=LogSource.Kind.ATHENA):
        if has_step(source, now):
            send_asking(source.pk)
    enabled = sources.filter(kind=LogSource.Kind.FILES)
    before = now - timedelta(seconds=settings.INVENTORY_LOG_LIST_SECONDS)
    due = enabled.filter(Q(last_listed_at__isnull=True) | Q(last_listed_at__lte=before))
    for source_id in due.values_list("pk", flat=True):
        send_listing(source_id)
    for source_id, queue_url in enabled.values_list("pk", "queue_url"):
        if queue_url:
            current_app.send_task(
                RECEIVE, kwargs={"source_id": source_id}, expires=settings.INVENTORY_MESSAGE_SECONDS
            )
        send_readers(source_id, now=now)


def send_verifying() -> None:
    """Have the days of every source of files checked that have ended."""
    sources = LogSource.objects.filter(
        kind=LogSource.Kind.FILES, is_enabled=True, connection__enabled=True
    )
    for source_id in sources.values_list("pk", flat=True):
        current_app.send_task(
            VERIFY, kwargs={"source_id": source_id}, expires=settings.INVENTORY_MESSAGE_SECONDS
        )


def send_listing(source_id: int) -> None:
    """Queue the listing of a source."""
    current_app.send_task(
        LIST, kwargs={"source_id": source_id}, expires=settings.INVENTORY_MESSAGE_SECONDS
    )


def send_asking(source_id: int) -> None:
    """Queue a step of a source that Athena reads."""
    current_app.send_task(
        ASK, kwargs={"source_id": source_id}, expires=settings.INVENTORY_MESSAGE_SECONDS
    )


def send_readers(source_id: int, *, now: datetime) -> int:
    """Queue the readers that a source lacks, if files wait; return how many."""
    if not open_files(source_id=source_id, now=now):
        return 0
    busy = LogObject.objects.filter(source_id=source_id, claimed_until__gt=now)
    lacking = settings.INVENTORY_LOG_READERS - busy.values("claim").distinct().count()
    for _ in range(max(0, lacking)):
        current_app.send_task(
            READ, kwargs={"source_id": source_id}, expires=settings.INVENTORY_MESSAGE_SECONDS
        )
    return max(0, lacking)
