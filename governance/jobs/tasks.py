"""Celery's edge of every kind of job: a task that answers one, and one that deletes old answers."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import UUID

from celery import current_app, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from governance.jobs.life import job_fail, jobs_expire
from governance.jobs.models import Job

log = logging.getLogger(__name__)

_MARGIN_SECONDS: Final = 30


def job_send(task_name: str, job_id: UUID) -> None:
    """Queue the task of that name for a job.

    :raises kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    current_app.send_task(task_name, kwargs={"job_id": str(job_id)})


def answering_task(
    model: type[Job], *, name: str, seconds: int, advice: str
) -> Callable[[Callable[[UUID], None]], Any]:
    """Make what runs a job a task, so that nobody waits for ever whatever happens.

    `seconds`: the task's soft time limit. `advice`: what to do if it is met.
    """

    def decorate(run: Callable[[UUID], None]) -> Any:
        # Not acks_late: a question that killed its worker would kill the next one too.
        @shared_task(
            name=name,
            acks_late=False,
            ignore_result=True,
            soft_time_limit=seconds,
            time_limit=seconds + _MARGIN_SECONDS,
        )
        @wraps(run)
        def task(*, job_id: str) -> None:
            _answer(model, UUID(job_id), run, f"it took longer than {seconds} seconds: {advice}")

        return task

    return decorate


def _answer(
    model: type[Job], job_id: UUID, run: Callable[[UUID], None], took_too_long: str
) -> None:
    try:
        run(job_id)
    except SoftTimeLimitExceeded:
        log.warning("%s %s took too long", model._meta.verbose_name, job_id)
        job_fail(model, job_id=job_id, error=took_too_long, now=timezone.now())
    except Exception:
        # The log has the rest.
        said = "something failed on our side; the log says what"
        job_fail(model, job_id=job_id, error=said, now=timezone.now())
        raise


def expiring_task(model: type[Job], *, name: str) -> Any:
    """Return the task that deletes the answers whose time is over."""

    # Not acks_late: beat asks again in an hour. It expires, so that none pile up meanwhile.
    @shared_task(name=name, acks_late=False, ignore_result=True, expires=3500)
    def task() -> None:
        jobs_expire(model, now=timezone.now())

    return task
