"""Celery's edge of guardrails: each task makes one call."""

import logging
from typing import Final
from uuid import UUID

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from governance.baseline.guardrails import dispatch, mutating
from governance.baseline.guardrails.models import MutationJob
from governance.baseline.guardrails.refreshing import VIEWER, refresh_guardrails
from governance.jobs.tasks import answering_task, expiring_task
from inventory.models import Connection
from inventory.selectors.runs import active_run

log = logging.getLogger(__name__)

# 10,000 accounts that were never worked out before.
_LIMIT: Final = 1800
_MUTATION_LIMIT: Final = 300


# Not acks_late: beat asks again in some minutes, and each transaction does all or nothing.
@shared_task(
    name=dispatch.REFRESH,
    acks_late=False,
    ignore_result=True,
    expires=600,
    soft_time_limit=_LIMIT,
    time_limit=_LIMIT + 30,
)
def refresh_guardrails_task(connection_id: int | None = None) -> None:
    """Bring results of guardrails up to what is collected, of one organization or of all.

    While a run goes on its rows change account by account: its end asks again.
    """
    chosen = Connection.objects.order_by("pk")
    if connection_id is not None:
        chosen = chosen.filter(pk=connection_id)
    for connection in chosen:
        if active_run(VIEWER, connection=connection) is not None:
            continue
        try:
            refresh_guardrails(connection, now=timezone.now())
        except SoftTimeLimitExceeded:
            log.warning("the guardrails of %s took too long to work out", connection)
            return


@answering_task(
    MutationJob,
    name=dispatch.MUTATE,
    seconds=_MUTATION_LIMIT,
    advice="disable guardrails that the answer does not need",
)
def run_mutation_task(job_id: UUID) -> None:
    """Answer one mutation test."""
    mutating.mutation_run(job_id=job_id, clock=timezone.now)


expire_mutations_task = expiring_task(MutationJob, name=dispatch.EXPIRE)
