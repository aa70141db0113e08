"""Celery's edge of Who can: each task makes one call."""

from functools import partial
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from governance.jobs.life import answer_in_task, jobs_expire
from governance.posture.who_can import dispatch, jobs
from governance.posture.who_can.models import WhoCanJob

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
    answer_in_task(
        WhoCanJob,
        job_id=UUID(job_id),
        run=partial(jobs.question_run, clock=timezone.now),
        limit_seconds=_LIMIT,
        advice="ask for one action",
    )


# Not acks_late: beat asks again in an hour. It expires, so that none pile up meanwhile.
@shared_task(name=dispatch.EXPIRE, acks_late=False, ignore_result=True, expires=3500)
def expire_questions_task() -> None:
    """Delete the answers whose time is over."""
    jobs_expire(WhoCanJob, now=timezone.now())
