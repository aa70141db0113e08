"""Celery's edge of contracts: each task makes one call."""

from celery import shared_task
from django.utils import timezone

from governance.access.actors import system_actor
from governance.approvals.agreements.deciding import agreements_end_due
from governance.contracts import dispatch, notices
from governance.contracts.kind import CONTRACT


# Not acks_late: beat asks again soon. It expires, so that none pile up meanwhile.
@shared_task(name=dispatch.END_DUE, acks_late=False, ignore_result=True, expires=3000)
def end_due_contracts_task() -> None:
    """End the contracts whose last day is past, and tell of those that end soon."""
    now = timezone.now()
    agreements_end_due(CONTRACT, actor=system_actor("end of contracts"), now=now)
    notices.publish_ending(now=now)
