"""Celery's edge of changes that other tools make: each task makes one call."""

from celery import shared_task
from django.utils import timezone

from governance.changes.elsewhere import dispatch, observing


# Safe to run twice, hence acks_late.
@shared_task(name=dispatch.OBSERVE, acks_late=True, ignore_result=True)
def observe_handed_out_task() -> None:
    """Compare the newest inventory with every plan that was handed out."""
    observing.observe_all(now=timezone.now())
