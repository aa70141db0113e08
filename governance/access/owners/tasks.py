"""Celery's edge of owners: each task makes one call."""

from celery import shared_task
from django.utils import timezone

from governance.access.actors import system_actor
from governance.access.owners.deciding import grants_expire


@shared_task(name="owners.expire_grants", acks_late=True, ignore_result=True)
def expire_grants_task() -> None:
    """Let grants expire that nobody decided in time. Safe to run twice, hence acks_late."""
    grants_expire(actor=system_actor("owners.expire_grants"), now=timezone.now())
