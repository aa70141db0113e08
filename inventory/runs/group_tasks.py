"""The tasks of a run: one an account and collector group, added, taken, read, ended.

    PENDING → RUNNING → COMPLETE | PARTIAL | FAILED, or SKIPPED at once

A task that is asked for twice does nothing the second time, or the same again.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F

from inventory.collecting.outcomes import CollectorOutcome, coverage_of
from inventory.collecting.reading import Clock, coverage_without_reading, read_group
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import CollectionTask, Coverage, InventoryRun
from inventory.records import AccountRecord
from inventory.runs.ending import count_done, finish_if_done, finish_run
from inventory.runs.leases import claim, end_held, new_holder, renewed
from inventory.runs.outages import through_outages
from inventory.runs.queueing import send_first, send_next
from inventory.store.coverage import keep_coverage
from inventory.store.covered import Part
from inventory.store.reconcile import Written
from inventory.store.scopes import lock_scope, store_readings

log = logging.getLogger(__name__)

_BATCH: Final = 1000
_RUN = InventoryRun.State
_TASK = CollectionTask.State


def add_tasks(run: InventoryRun, parts: Iterable[Part], *, now: datetime) -> None:
    """Add tasks to a run; the first of them are queued when the transaction commits."""
    chosen = sorted(set(parts))
    write_tasks(
        CollectionTask(
            connection_id=run.connection_id,
            run=run,
            account_id=account_id,
            group=group,
        )
        for account_id, group in chosen
    )
    InventoryRun.objects.filter(pk=run.pk).update(tasks_total=F("tasks_total") + len(chosen))
    run_id = run.pk
    send_first(run, now=now)
    transaction.on_commit(lambda: finish_if_done(run_id=run_id, now=now))


def skip_tasks(run: InventoryRun, accounts: Iterable[AccountRecord], *, now: datetime) -> None:
    """Add the tasks of accounts that cannot be read; they are done already."""
    parts = [(account, group) for account in accounts for group in registry.groups(Reader.ACCOUNT)]
    write_tasks(
        CollectionTask(
            connection_id=run.connection_id,
            run=run,
            account_id=account.account_id,
            group=group,
            state=_TASK.SKIPPED,
            finished_at=now,
        )
        for account, group in parts
    )
    InventoryRun.objects.filter(pk=run.pk).update(
        tasks_total=F("tasks_total") + len(parts), tasks_done=F("tasks_done") + len(parts)
    )
    keep_coverage(
        {
            (account.account_id, group): coverage_without_reading(
                connection=run.connection,
                account_id=account.account_id,
                group=group,
                state=Coverage.State.UNSUPPORTED,
                message=f"the account is {account.state}: no role in it can be assumed",
                remedy="",
                code=account.state,
                now=now,
            )
            for account, group in parts
        },
        run=run,
    )


def write_tasks(tasks: Iterable[CollectionTask]) -> None:
    """Put tasks in the place of those that earlier runs had of the same accounts and groups."""
    CollectionTask.objects.bulk_create(
        # In one order everywhere, so that two writers never wait for each other.
        sorted(tasks, key=lambda task: (task.account_id, task.group)),
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["connection", "account_id", "group"],
        update_fields=[
            *("run", "state", "attempts", "sent_at", "started_at", "finished_at", "worker"),
            *("heartbeat_at", "lease_until"),
        ],
    )


def collect_group(*, run_id: int, account_id: str, group: str, clock: Clock) -> None:
    """Read one group of one account in one run and store it; finish the run if it was the last.

    Does nothing if the task is done, the run has ended, or another worker is at it.
    """
    holder = new_holder()

    def begin() -> InventoryRun | None:
        runs = InventoryRun.objects.select_related("connection").filter(pk=run_id).order_by()
        run = next(iter(runs), None)
        if run is None or not claim(run, account_id, group, holder=holder, now=clock()):
            return None
        return run

    run = through_outages(begin)
    if run is None:
        log.info("%s of %s in run %s is done or held, or the run ended", group, account_id, run_id)
        return
    with renewed(holder, connection_id=run.connection_id):
        outcomes = read_group(run.connection, account_id, group, run_id=run_id, clock=clock)
    through_outages(
        lambda: _store_group(run, account_id, group, outcomes, holder=holder, now=clock())
    )


def _store_group(
    run: InventoryRun,
    account_id: str,
    group: str,
    outcomes: Sequence[CollectorOutcome],
    *,
    holder: str,
    now: datetime,
) -> None:
    run_id, state = run.pk, state_of_task(outcomes)
    with transaction.atomic():
        lock_scope(run.connection, account_id, group)
        if not end_held(run, account_id, group, holder=holder, state=state, now=now):
            log.warning(
                "%s of %s in run %s is not to be stored any more", group, account_id, run_id
            )
            return
        written = store_readings(
            [outcome.reading for outcome in outcomes],
            connection=run.connection,
            account_id=account_id,
            moment=_moment(run),
        )
        send_next(run_id, run.connection_id, account_id=account_id, group=group, now=now)
        keep_coverage({(account_id, group): coverage_of(outcomes)}, run=run)
        if count_done(run_id, written, tasks=1):
            transaction.on_commit(lambda: finish_run(run_id=run_id, now=now))


def _lock_task(run_id: int, account_id: str, group: str) -> CollectionTask | None:
    """Lock a task of a run that goes on; None if the run has ended.

    Whoever ends a run locks its tasks too, so nothing is stored behind a run's end.
    """
    run = InventoryRun.objects.filter(pk=run_id).only("connection_id").first()
    if run is None:
        return None
    return (
        CollectionTask.objects.select_for_update(of=("self",))
        .select_related("run__connection")
        .filter(
            # What the index has.
            connection_id=run.connection_id,
            account_id=account_id,
            group=group,
            run_id=run_id,
            run__state=_RUN.RUNNING,
        )
        .first()
    )


def state_of_task(outcomes: Sequence[CollectorOutcome]) -> CollectionTask.State:
    """Return how a task ended that came to these outcomes."""
    readable = [each for each in outcomes if each.state != Coverage.State.UNSUPPORTED]
    complete = sum(each.complete for each in readable)
    # A service that is not offered is none to read; an account where nothing is was not read.
    if complete == len(readable) and readable:
        return _TASK.COMPLETE
    return _TASK.PARTIAL if complete else _TASK.FAILED


def group_overran(*, run_id: int, account_id: str, group: str, now: datetime) -> None:
    """End a task that was stopped because it took too long."""
    fail_task(
        run_id=run_id,
        account_id=account_id,
        group=group,
        state=Coverage.State.TIMED_OUT,
        message=f"reading {group} of account {account_id} was stopped because it took too long",
        code="TimeLimit",
        now=now,
    )


def fail_task(
    *,
    run_id: int,
    account_id: str,
    group: str,
    state: Coverage.State,
    message: str,
    code: str,
    now: datetime,
) -> None:
    """End a task without a reading, for the reason given; one that is done is left alone."""
    with transaction.atomic():
        task = _lock_task(run_id, account_id, group)
        if task is None or task.state in CollectionTask.DONE_STATES:
            return
        lost = coverage_without_reading(
            connection=task.run.connection,
            account_id=account_id,
            group=group,
            state=state,
            message=message,
            remedy="retry the account; if it happens again, look at the worker's log",
            code=code,
            now=now,
        )
        task.state = _TASK.FAILED
        task.finished_at = now
        task.lease_until = None
        task.save(update_fields=["state", "finished_at", "lease_until"])
        send_next(run_id, task.connection_id, account_id=account_id, group=group, now=now)
        keep_coverage({(account_id, group): lost}, run=task.run)
        if count_done(run_id, Written(), tasks=1):
            transaction.on_commit(lambda: finish_run(run_id=run_id, now=now))


def _moment(run: InventoryRun) -> datetime:
    if run.started_at is None:
        raise RuntimeError(f"run {run.pk} has not started")
    return run.started_at
