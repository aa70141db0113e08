"""Celery's edge of Who can: each task makes one call."""

import logging
from uuid import UUID

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone

from governance.posture.who_can import dispatch, jobs

log = logging.getLogger(__name__)

_LIMIT = settings.WHO_CAN_SECONDS


# Not acks_late: a question that killed its worker would kill the next one too.
@shared_task(
    name=dispatch.RUN,
    acks_late=False,
    ignore_result=True,
    soft_time_limit=_LIMIT,
    time_limit=_LIMIT + 30,
)
def run_question_task(*, job_id: str) -> None:
    """Answer one question."""
    try:
        jobs.job_run(job_id=UUID(job_id), clock=timezone.now)
    except SoftTimeLimitExceeded:
        log.warning("who-can question %s took too long", job_id)
        jobs.job_fail(
            job_id=UUID(job_id),
            error=f"it took longer than {_LIMIT} seconds: ask for one action",
            now=timezone.now(),
        )
    except Exception:
        # Whatever it was, the asker must not wait for ever; the log has the rest.
        jobs.job_fail(
            job_id=UUID(job_id),
            error="something failed on our side; the log says what",
            now=timezone.now(),
        )
        raise


# Not acks_late: beat asks again in an hour. It expires, so that none pile up meanwhile.
@shared_task(name=dispatch.EXPIRE, acks_late=False, ignore_result=True, expires=3500)
def expire_questions_task() -> None:
    """Delete the answers whose time is over."""
    jobs.jobs_expire(now=timezone.now())
