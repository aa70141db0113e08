"""Celery's edge of detections."""

from typing import Final

from celery import shared_task
from django.utils import timezone

from governance.detections.detecting import detect_unjudged
from governance.detections.dispatch import DETECT
from governance.jobs.refreshing import refreshing_task
from inventory.models import Connection

_LIMIT: Final = 600


@refreshing_task(name="detections.detect_days", seconds=_LIMIT, during_runs=True)
def detect_days_task(connection: Connection) -> None:
    """Judge everything that was read, usage and denials included."""
    detect_unjudged(connection, with_days=True, now=timezone.now())


# Safe to run twice, hence acks_late: what is judged is forgotten in the same transaction.
@shared_task(name=DETECT, acks_late=True, ignore_result=True, soft_time_limit=_LIMIT)
def detect_task(connection_id: int) -> None:
    """Judge the events that were read of one organization."""
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is not None:
        detect_unjudged(connection, with_days=False, now=timezone.now())
