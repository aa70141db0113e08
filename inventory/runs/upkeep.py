"""What beat does: starts the runs that are due, and has those go on that lost something."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from kombu.exceptions import OperationalError

from inventory.models import Connection, Coverage, InventoryRun
from inventory.runs.ending import fail_run, finish_run
from inventory.runs.group_tasks import fail_task
from inventory.runs.leases import back_off, lease_ended
from inventory.runs.life import is_organization_lost, organization_tasks
from inventory.runs.queueing import open_tasks, send_again
from inventory.runs.requests import RunRefused, request_run, send_start_again

log = logging.getLogger(__name__)


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


def resume_runs(*, now: datetime) -> None:
    """Have the runs go on whose worker or message was lost, and end those that are done.

    Nothing fails because others wait: messages that nobody took are sent again. What lost its
    worker is begun again after a wait, and fails after `INVENTORY_ATTEMPTS`.
    """
    for run in InventoryRun.objects.filter(state__in=InventoryRun.ACTIVE_STATES):
        try:
            _resume(run, now)
        except OperationalError as error:
            log.warning("run %s waits for the broker: %s", run.pk, error)
        except Exception:
            # One run's failure keeps no other from going on.
            log.exception("run %s could not be resumed", run.pk)


def _resume(run: InventoryRun, now: datetime) -> None:
    if run.state == InventoryRun.State.QUEUED:
        send_start_again(run, now=now)
    elif not run.tasks_total and run.account_ids is None:
        _resume_organization(run, now)
    else:
        _resume_tasks(run, now)


def _resume_organization(run: InventoryRun, now: datetime) -> None:
    if not is_organization_lost(run, now):
        return
    begun = organization_tasks(run).aggregate(times=Max("attempts"), at=Max("started_at"))
    attempts = begun["times"]
    if attempts < settings.INVENTORY_ATTEMPTS:
        send_start_again(run, now=now, begun_at=begun["at"])
        return
    fail_run(
        run_id=run.pk,
        error=(
            f"the worker that read the organization was lost {attempts} times: look at its log, "
            "and start another run"
        ),
        now=now,
    )


def _resume_tasks(run: InventoryRun, now: datetime) -> None:
    for task in open_tasks(run).filter(lease_ended(now)):
        if task.attempts >= settings.INVENTORY_ATTEMPTS:
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
            continue
        with transaction.atomic():
            # What is locked is being stored after all, or was begun by a process now frozen.
            lost = (
                open_tasks(run)
                .select_for_update(skip_locked=True)
                .filter(lease_ended(now), pk=task.pk)
                .first()
            )
            if lost is not None:
                back_off(lost, now=now)
    lost_messages = send_again(run, now=now)
    if lost_messages:
        log.warning("run %s: %s messages are sent again", run.pk, lost_messages)
    # Asked before it is locked, which whoever stores for it may do for a while.
    if not open_tasks(run).exists():
        finish_run(run_id=run.pk, now=now)
