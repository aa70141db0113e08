"""Celery's edge of reports: each task makes one call."""

from typing import Final
from uuid import UUID

from django.utils import timezone

from governance.jobs.tasks import answering_task, expiring_task
from governance.reports import dispatch, making
from governance.reports.models import SubtreeReport

_LIMIT: Final = 600


@answering_task(
    SubtreeReport, name=dispatch.MAKE, seconds=_LIMIT, advice="choose an OU with fewer accounts"
)
def make_report_task(job_id: UUID) -> None:
    """Make one report."""
    making.report_make(job_id=job_id, clock=timezone.now)


expire_reports_task = expiring_task(SubtreeReport, name=dispatch.EXPIRE)
