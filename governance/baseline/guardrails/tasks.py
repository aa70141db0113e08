"""Celery's edge of guardrails: each task makes one call."""

from typing import Final
from uuid import UUID

from django.utils import timezone

from governance.baseline.guardrails import dispatch, mutating
from governance.baseline.guardrails.models import MutationJob
from governance.baseline.guardrails.refreshing import refresh_guardrails
from governance.jobs.refreshing import refreshing_task
from governance.jobs.tasks import answering_task, expiring_task
from inventory.models import Connection

# 10,000 accounts that were never worked out before.
_LIMIT: Final = 1800
_MUTATION_LIMIT: Final = 300


@refreshing_task(name=dispatch.REFRESH, seconds=_LIMIT)
def refresh_guardrails_task(connection: Connection) -> None:
    """Bring results of guardrails up to what is collected."""
    refresh_guardrails(connection, now=timezone.now())


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
