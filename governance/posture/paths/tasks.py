"""Celery's edge of paths: each task makes one call."""

from uuid import UUID

from django.conf import settings
from django.utils import timezone

from governance.jobs.tasks import answering_task, expiring_task
from governance.posture.paths import dispatch, jobs
from governance.posture.paths.models import PathJob


@answering_task(
    PathJob,
    name=dispatch.RUN,
    seconds=settings.PATHS_SECONDS,
    advice="ask again when no inventory run is writing",
)
def run_path_question_task(job_id: UUID) -> None:
    """Answer one question."""
    jobs.paths_run(job_id=job_id, clock=timezone.now)


expire_path_questions_task = expiring_task(PathJob, name=dispatch.EXPIRE)
