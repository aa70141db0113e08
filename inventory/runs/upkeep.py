"""What beat does every minute: starts the runs that are due, and ends or resumes lost ones."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, QuerySet

from inventory.models import CollectionTask, Connection, Coverage, InventoryRun
from inventory.runs import dispatch
from inventory.runs.ending import fail_run, finish_run
from inventory.runs.group_tasks import fail_task, is_lost
from inventory.runs.requests import RunRefused, request_run

log = logging.getLogger(__name__)

_TASK = CollectionTask.State


def start_due_runs(*, now: datetime) -> list[InventoryRun]:
    """Request a run of each enabled connection whose schedule asks for one; return these runs.

    Due: so many minutes after the last run of the whole organization was requested, however that
    one ended; at once if there was none.
    """
    started = []
    connections = Connection.objects.filter(enabled=True, schedule_minutes__gt=0)
    for connection in connections:
        last = connection.runs.filter(account_ids__isnull=True).aggregate(at=Max("requested_at"))
        since = last["at"]
        if since is not None and now - since < timedelta(minutes=connection.schedule_minutes):
            continue
        try:
            started.append(
                request_run(connection=connection, trigger=InventoryRun.Trigger.SCHEDULE, now=now)
            )
        except RunRefused as refused:
            # One goes on, a retry perhaps: the next minute asks again.
            log.info("no scheduled run of %s: %s", connection, refused)
    return started


def close_lost_runs(*, now: datetime) -> None:
    """End or resume the runs that nothing moves any more, because a worker or a message is gone.

    A run that no worker began, or whose organization part was lost, fails. A task whose worker is
    gone is queued again, or fails after `INVENTORY_ACCOUNT_ATTEMPTS`. Tasks that wait although
    nothing moves are queued again.
    """
    for run in InventoryRun.objects.filter(state__in=InventoryRun.ACTIVE_STATES):
        if run.state == InventoryRun.State.QUEUED:
            _close_unbegun(run, now)
        elif not run.tasks_total:
            _close_without_accounts(run, now)
        else:
            _resume_tasks(run, now)


def _close_unbegun(run: InventoryRun, now: datetime) -> None:
    lost_after = timedelta(seconds=settings.INVENTORY_LOST_AFTER_SECONDS)
    if now - run.requested_at > lost_after:
        fail_run(
            run_id=run.pk,
            error=(
                f"no worker began the run within {lost_after}: check that workers of the queue "
                "`inventory` are up, and how long that queue is"
            ),
            now=now,
        )


def _close_without_accounts(run: InventoryRun, now: datetime) -> None:
    seconds = settings.INVENTORY_ORGANIZATION_SECONDS + 3 * settings.INVENTORY_TASK_MARGIN_SECONDS
    if run.started_at is not None and now - run.started_at > timedelta(seconds=seconds):
        fail_run(
            run_id=run.pk,
            error=(
                "the worker that read the organization was lost: look at its log, and start "
                "another run"
            ),
            now=now,
        )


def _tasks_of(run: InventoryRun) -> "QuerySet[CollectionTask]":
    return run.tasks.filter(connection_id=run.connection_id).exclude(account_id="")


def _resume_tasks(run: InventoryRun, now: datetime) -> None:
    resend: list[CollectionTask] = []
    for task in _tasks_of(run).filter(state=_TASK.RUNNING):
        if not is_lost(task, now):
            continue
        if task.attempts >= settings.INVENTORY_ACCOUNT_ATTEMPTS:
            fail_task(
                run_id=run.pk,
                account_id=task.account_id,
                group=task.group,
                state=Coverage.State.FAILED,
                message=(
                    f"the worker that read {task.group} of account {task.account_id} was lost "
                    f"{task.attempts} times"
                ),
                code="WorkerLost",
                now=now,
            )
        else:
            resend.append(task)
    if not resend and _stands_still(run, now):
        resend = list(_tasks_of(run).filter(state=_TASK.PENDING))
    if resend:
        CollectionTask.objects.filter(
            pk__in=[task.pk for task in resend], run=run, state__in=CollectionTask.OPEN_STATES
        ).update(state=_TASK.PENDING, sent_at=now)
        log.warning("run %s: %s tasks are queued again", run.pk, len(resend))
        dispatch.send_tasks(run.pk, [(task.account_id, task.group) for task in resend])
    finish_run(run_id=run.pk, now=now)


def _stands_still(run: InventoryRun, now: datetime) -> bool:
    """Whether no task of the run was queued, begun or done for long."""
    moved = _tasks_of(run).aggregate(
        sent=Max("sent_at"), started=Max("started_at"), finished=Max("finished_at")
    )
    latest = max((time for time in moved.values() if time is not None), default=None)
    lost_after = timedelta(seconds=settings.INVENTORY_LOST_AFTER_SECONDS)
    return latest is not None and now - latest > lost_after
