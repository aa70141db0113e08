"""Celery's edge of paths: each task makes one call."""

import logging
from uuid import UUID

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone

from governance.jobs.tasks import answering_task, expiring_task
from governance.posture.paths import dispatch, jobs
from governance.posture.paths.findings.finding_runs import find_in_graph
from governance.posture.paths.models import PathJob
from inventory.models import Connection

log = logging.getLogger(__name__)


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


# Not acks_late: the next refresh of trust asks again, and each transaction does all or nothing.
@shared_task(
    name=dispatch.FIND,
    acks_late=False,
    ignore_result=True,
    expires=3600,
    soft_time_limit=settings.PATHS_SECONDS,
    time_limit=settings.PATHS_SECONDS + 30,
)
def find_in_graph_task(connection_id: int) -> None:
    """Ask what the graph of one organization shows to be wrong."""
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is None:
        return
    try:
        find_in_graph(connection, now=timezone.now())
    except SoftTimeLimitExceeded:
        log.warning("the graph of %s took too long to build", connection)
