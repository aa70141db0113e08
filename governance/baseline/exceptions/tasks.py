"""Celery's edge of exceptions: each task makes one call."""

from celery import shared_task
from django.utils import timezone

from governance.access.actors import system_actor
from governance.approvals.agreements.deciding import agreements_end_due
from governance.baseline.exceptions import dispatch, notices
from governance.baseline.exceptions.kind import EXCEPTION


# Not acks_late: beat asks again soon. It expires, so that none pile up meanwhile.
@shared_task(name=dispatch.END_DUE, acks_late=False, ignore_result=True, expires=3000)
def end_due_exceptions_task() -> None:
    """End the exceptions whose last day is past, and tell of those that end soon."""
    now = timezone.now()
    agreements_end_due(EXCEPTION, actor=system_actor("end of exceptions"), now=now)
    notices.publish_ending(now=now)
