"""Celery's edge of the inventory: each task makes one call."""

import logging
from typing import Any

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import heartbeat_sent, worker_init
from django.conf import settings
from django.utils import timezone

from inventory.aws.session import warm
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.garbage_collection import freeze_gc, growing
from inventory.logs import schedule
from inventory.logs.aging import age_out_logs
from inventory.logs.athena.days import ask_athena
from inventory.logs.listing import list_source
from inventory.logs.notifications import receive_files
from inventory.logs.reading import read_files
from inventory.logs.verifying import verify_days
from inventory.models import LogSource
from inventory.runs import aging, dispatch, group_tasks, health, life, upkeep

log = logging.getLogger(__name__)

_MARGIN = settings.INVENTORY_TASK_MARGIN_SECONDS
_ORGANIZATION_LIMIT = settings.INVENTORY_ORGANIZATION_SECONDS + _MARGIN
_LOGS_LIMIT = settings.INVENTORY_LOG_SECONDS + _MARGIN
_ACCOUNT_LIMIT = settings.INVENTORY_ACCOUNT_SECONDS + _MARGIN


@worker_init.connect
def warm_clients(sender: Any, **_: Any) -> None:
    """Make AWS clients before a worker forks that collects; they take others a second each."""
    if dispatch.QUEUE not in sender.app.amqp.queues.consume_from:
        return
    services = {each for reader in Reader for each in registry.services(reader)}
    with growing():
        warm(services, regions=settings.AWS_WARM_REGIONS)
    # What the children share with their parent stays so while no collection looks through it.
    freeze_gc()


@heartbeat_sent.connect
def note_worker(sender: Any, **_: Any) -> None:
    """Note every two seconds that a worker is up that collects."""
    if dispatch.QUEUE in sender.eventer.app.amqp.queues.consume_from:
        health.note_worker(timezone.now())


# Not acks_late: `resume_runs` sends a run again whose worker was lost, once its lease has ended.
@shared_task(
    name=dispatch.START_RUN,
    acks_late=False,
    ignore_result=True,
    soft_time_limit=_ORGANIZATION_LIMIT,
    time_limit=_ORGANIZATION_LIMIT + _MARGIN,
)
def start_run_task(*, run_id: int) -> None:
    """Begin a run: read the organization and queue its accounts."""
    life.start_run(run_id=run_id, clock=timezone.now)


# acks_late: reading a group twice in a run stores the same, so a message may come again; whose
# lease another worker holds is left alone.
@shared_task(
    name=dispatch.COLLECT_GROUP,
    acks_late=True,
    ignore_result=True,
    soft_time_limit=_ACCOUNT_LIMIT,
    time_limit=_ACCOUNT_LIMIT + _MARGIN,
)
def collect_group_task(*, run_id: int, account_id: str, group: str) -> None:
    """Read one group of collectors of one account in one run."""
    part: dict[str, Any] = {"run_id": run_id, "account_id": account_id, "group": group}
    try:
        group_tasks.collect_group(**part, clock=timezone.now)
    except SoftTimeLimitExceeded:
        log.warning("%s of account %s in run %s took too long", group, account_id, run_id)
        group_tasks.group_overran(**part, now=timezone.now())


# Not acks_late, both: beat asks again soon. They expire, so that none pile up meanwhile.
@shared_task(name="inventory.start_due_runs", acks_late=False, ignore_result=True, expires=55)
def start_due_runs_task() -> None:
    """Request the runs that the schedules ask for."""
    upkeep.start_due_runs(now=timezone.now())


@shared_task(name="inventory.resume_runs", acks_late=False, ignore_result=True, expires=15)
def resume_runs_task() -> None:
    """Have runs go on that lost a worker or a message."""
    now = timezone.now()
    health.note_resumed(now)
    upkeep.resume_runs(now=now)


# Not acks_late: beat asks again in ten minutes. It expires, so that none pile up meanwhile.
@shared_task(name="inventory.age_out_coverage", acks_late=False, ignore_result=True, expires=590)
def age_out_coverage_task() -> None:
    """Age out the coverage of old runs."""
    aging.age_out_coverage(now=timezone.now())


# Not acks_late, all four: beat asks again within a minute for what was not done.
@shared_task(name="inventory.send_due_logs", acks_late=False, ignore_result=True, expires=55)
def send_due_logs_task() -> None:
    """Have log sources listed that are due, and files read that wait."""
    schedule.send_due(now=timezone.now())


@shared_task(
    name=schedule.LIST,
    acks_late=False,
    ignore_result=True,
    soft_time_limit=_LOGS_LIMIT,
    time_limit=_LOGS_LIMIT + _MARGIN,
)
def list_logs_task(*, source_id: int) -> None:
    """Find the new files of a log source, and have them read."""
    try:
        list_source(source_id=source_id, now=timezone.now())
    except LogSource.DoesNotExist:
        log.info("log source %s is gone", source_id)
        return
    schedule.send_readers(source_id, now=timezone.now())


@shared_task(
    name=schedule.READ,
    acks_late=False,
    ignore_result=True,
    soft_time_limit=_LOGS_LIMIT,
    time_limit=_LOGS_LIMIT + _MARGIN,
)
def read_logs_task(*, source_id: int) -> None:
    """Read files of a log source that wait."""
    try:
        read_files(source_id=source_id, clock=timezone.now)
    except LogSource.DoesNotExist:
        log.info("log source %s is gone", source_id)


@shared_task(
    name=schedule.ASK,
    acks_late=False,
    ignore_result=True,
    soft_time_limit=_LOGS_LIMIT,
    time_limit=_LOGS_LIMIT + _MARGIN,
)
def ask_athena_task(*, source_id: int) -> None:
    """Ask Athena for a day of a log source, or read what it answered."""
    try:
        ask_athena(source_id=source_id, now=timezone.now())
    except LogSource.DoesNotExist:
        log.info("log source %s is gone", source_id)


# Not acks_late: messages that were not deleted come again, and beat asks again within a minute.
@shared_task(
    name=schedule.RECEIVE,
    acks_late=False,
    ignore_result=True,
    soft_time_limit=_LOGS_LIMIT,
    time_limit=_LOGS_LIMIT + _MARGIN,
)
def receive_logs_task(*, source_id: int) -> None:
    """Take the new files from a log source's queue, and have them read."""
    try:
        receive_files(
            source_id=source_id,
            clock=timezone.now,
            found=lambda: schedule.send_readers(source_id, now=timezone.now()),
        )
    except LogSource.DoesNotExist:
        log.info("log source %s is gone", source_id)


# Not acks_late, both: beat asks again in ten minutes, and a day is checked once.
@shared_task(name="inventory.send_log_checks", acks_late=False, ignore_result=True, expires=590)
def send_log_checks_task() -> None:
    """Have days of logs that have ended checked against CloudTrail's digest files."""
    schedule.send_verifying()


@shared_task(
    name=schedule.VERIFY,
    acks_late=False,
    ignore_result=True,
    soft_time_limit=_LOGS_LIMIT,
    time_limit=_LOGS_LIMIT + _MARGIN,
)
def verify_logs_task(*, source_id: int) -> None:
    """Check days of a log source against CloudTrail's digest files."""
    try:
        verify_days(source_id=source_id, now=timezone.now())
    except LogSource.DoesNotExist:
        log.info("log source %s is gone", source_id)


# Not acks_late: beat asks again in an hour. It expires, so that none pile up meanwhile.
@shared_task(name="inventory.age_out_logs", acks_late=False, ignore_result=True, expires=3500)
def age_out_logs_task() -> None:
    """Make partitions of the next days, and age out old logs and usage."""
    age_out_logs(now=timezone.now())
