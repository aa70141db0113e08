"""Celery's edge of emergencies: each task makes one call."""

from celery import shared_task
from django.utils import timezone

from governance.changes.emergency import services


# Safe to run twice, hence acks_late.
@shared_task(name="changes.revert_unratified", acks_late=True, ignore_result=True)
def revert_unratified_task() -> None:
    """Begin to revert what nobody ratified in time."""
    services.emergencies_revert_unratified(now=timezone.now())
