"""Celery's edge of temporary changes: each task makes one call."""

from celery import shared_task
from django.utils import timezone

from governance.changes import notices
from governance.changes.evidence.live_reads import read_live
from governance.changes.reverting import services


# Safe to run twice, hence acks_late.
@shared_task(name="changes.begin_reverts", acks_late=True, ignore_result=True)
def begin_reverts_task() -> None:
    """Take back the temporary changes whose end has come, or ask."""
    services.reverts_begin(clock=timezone.now, live=read_live)


# Safe to run twice, hence acks_late: each is published once.
@shared_task(name="changes.publish_expiring", acks_late=True, ignore_result=True)
def publish_expiring_task() -> None:
    """Tell of requests that expire soon."""
    notices.publish_expiring(now=timezone.now())
