"""Celery's edge of Who can: each task makes one call."""

from uuid import UUID

from django.conf import settings
from django.utils import timezone

from governance.jobs.tasks import answering_task, expiring_task
from governance.posture.who_can import dispatch, jobs
from governance.posture.who_can.models import WhoCanJob


@answering_task(
    WhoCanJob,
    name=dispatch.RUN,
    seconds=settings.WHO_CAN_SECONDS,
    advice="ask for one action",
)
def run_question_task(job_id: UUID) -> None:
    """Answer one question."""
    jobs.question_run(job_id=job_id, clock=timezone.now)


expire_questions_task = expiring_task(WhoCanJob, name=dispatch.EXPIRE)
