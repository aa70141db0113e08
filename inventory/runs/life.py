"""The life of a run after its request: started, read account by account, finished.

    QUEUED → RUNNING → COMPLETE | PARTIAL | FAILED
    an account's part: PENDING → RUNNING → COMPLETE | PARTIAL | FAILED, or SKIPPED at once

One run an organization at a time. A run that is started, an account that is read and a run that
is finished may each be asked for twice: the second time does nothing, or the same again.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import F

from inventory.collecting.lasting import contradict_lasting
from inventory.collecting.reading import (
    Clock,
    Outcome,
    coverage_of,
    coverage_without_reading,
    read_group,
    read_organization,
)
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import Connection, Coverage, InventoryRun, RunAccount
from inventory.records import AccountRecord, OrganizationRecord
from inventory.runs import dispatch
from inventory.runs.counts import count_runs
from inventory.store.coverage import keep_coverage
from inventory.store.moments import next_moment
from inventory.store.reconcile import Written
from inventory.store.scopes import (
    close_departed_accounts,
    lock_scope,
    store_readings,
)

R = TypeVar("R")

log = logging.getLogger(__name__)

_RUN = InventoryRun.State
_PART = RunAccount.State
_OPEN_PARTS: Final = (_PART.PENDING, _PART.RUNNING)
# AWS's word for an account whose roles can be assumed.
ACTIVE: Final = "ACTIVE"


def start_run(*, run_id: int, clock: Clock) -> None:
    """Begin a queued run: read the organization, then queue its accounts.

    A run that somebody began already is left alone. If the organization cannot be read the run
    fails, and nothing is stored or closed.
    """
    run = _begin(run_id, clock())
    if run is None:
        return
    if run.account_ids is not None:
        with transaction.atomic():
            _add_parts(run, run.account_ids, now=clock())
        return
    try:
        outcomes = read_organization(run.connection, run_id=run.pk, clock=clock)
        _keep_organization(run, outcomes, now=clock())
    except Exception as error:
        fail_run(run_id=run.pk, error=f"the organization could not be read: {error}", now=clock())
        raise


def _begin(run_id: int, now: datetime) -> InventoryRun | None:
    with transaction.atomic():
        run = (
            InventoryRun.objects.select_for_update(of=("self",))
            .select_related("connection")
            .get(pk=run_id)
        )
        if run.state != _RUN.QUEUED:
            log.info("run %s is %s already", run_id, run.state)
            return None
        run.started_at = next_moment(run.connection, now=now)
        run.state = _RUN.RUNNING
        run.save(update_fields=["started_at", "state"])
        return run


def _keep_organization(run: InventoryRun, outcomes: list[Outcome], *, now: datetime) -> None:
    outcomes = contradict_lasting(outcomes, connection=run.connection)
    coverage = coverage_of(outcomes, run=run, account_id="")
    problem = _problem_of_organization(run.connection, outcomes)
    with transaction.atomic():
        lock_scope(run.connection, "")
        if not _still_running(run.pk):
            log.warning("run %s ended before its organization was stored", run.pk)
            return
        keep_coverage(coverage)
        if problem:
            fail_run(run_id=run.pk, error=problem, now=now)
            return
        organization = _only(OrganizationRecord, outcomes)[0]
        Connection.objects.filter(pk=run.connection_id).update(
            organization_id=organization.organization_id,
            management_account_id=organization.management_account_id,
        )
        moment = _moment(run)
        written = store_readings(
            [outcome.reading for outcome in outcomes],
            connection=run.connection,
            account_id="",
            moment=moment,
        )
        written += close_departed_accounts(connection=run.connection, moment=moment)
        _count(run.pk, written)
        accounts = _only(AccountRecord, outcomes)
        _skip_parts(run, [each for each in accounts if each.state != ACTIVE], now=now)
        _add_parts(run, [each.account_id for each in accounts if each.state == ACTIVE], now=now)


def _problem_of_organization(connection: Connection, outcomes: list[Outcome]) -> str:
    """Say why nothing may be kept of what was read; empty: it may."""
    for outcome in outcomes:
        if outcome.collector.essential and outcome.error is not None:
            error = outcome.error
            return f"{error.message}: {error.remedy}" if error.remedy else error.message
    found = _only(OrganizationRecord, outcomes)[0].organization_id
    if connection.organization_id not in {"", found}:
        return (
            f"the role {connection.organization_role_arn} now reads organization {found}, and this "
            f"connection holds {connection.organization_id}: make a connection of its own for it"
        )
    return ""


def _only(kind: type[R], outcomes: Iterable[Outcome]) -> list[R]:
    return [each for outcome in outcomes for each in outcome.records if isinstance(each, kind)]


def _add_parts(run: InventoryRun, account_ids: Iterable[str], *, now: datetime) -> None:
    """Add accounts to a run and queue them when the transaction commits."""
    chosen = sorted(set(account_ids))
    RunAccount.objects.bulk_create(
        [RunAccount(run=run, account_id=each, sent_at=now) for each in chosen],
        ignore_conflicts=True,
        batch_size=1000,
    )
    run_id = run.pk
    # If the broker is away now, `close_lost_runs` queues them again.
    transaction.on_commit(lambda: dispatch.send_accounts(run_id, chosen), robust=True)
    transaction.on_commit(lambda: finish_run(run_id=run_id, now=now))


def _skip_parts(run: InventoryRun, accounts: Iterable[AccountRecord], *, now: datetime) -> None:
    skipped = list(accounts)
    RunAccount.objects.bulk_create(
        [
            RunAccount(run=run, account_id=each.account_id, state=_PART.SKIPPED, finished_at=now)
            for each in skipped
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
    keep_coverage(
        [
            row
            for each in skipped
            for row in coverage_without_reading(
                run=run,
                account_id=each.account_id,
                state=Coverage.State.UNSUPPORTED,
                message=f"the account is {each.state}: no role in it can be assumed",
                remedy="",
                code=each.state,
                now=now,
            )
        ]
    )


def collect_account(*, run_id: int, account_id: str, clock: Clock) -> None:
    """Read one account in one run and store what was read; finish the run if it was the last.

    Does nothing if the account is done, the run has ended, or another worker is at it.
    """
    run = _claim(run_id, account_id, clock())
    if run is None:
        return
    outcomes = [
        outcome
        for group in registry.groups(Reader.ACCOUNT)
        for outcome in read_group(run.connection, account_id, group, run_id=run_id, clock=clock)
    ]
    now = clock()
    with transaction.atomic():
        lock_scope(run.connection, account_id)
        part = _lock_part(run_id, account_id)
        if part is None or part.state != _PART.RUNNING:
            log.warning("account %s of run %s is not to be stored any more", account_id, run_id)
            return
        keep_coverage(coverage_of(outcomes, run=run, account_id=account_id))
        written = store_readings(
            [outcome.reading for outcome in outcomes],
            connection=run.connection,
            account_id=account_id,
            moment=_moment(run),
        )
        part.state = _state_of_part(outcomes)
        part.finished_at = now
        part.save(update_fields=["state", "finished_at"])
        # Last, because all accounts of a run meet here.
        _count(run_id, written)
        transaction.on_commit(lambda: finish_run(run_id=run_id, now=now))


def _claim(run_id: int, account_id: str, now: datetime) -> InventoryRun | None:
    with transaction.atomic():
        part = _lock_part(run_id, account_id)
        if part is None or part.state in RunAccount.DONE_STATES:
            log.info("account %s of run %s is done or its run has ended", account_id, run_id)
            return None
        if part.state == _PART.RUNNING and not is_lost(part, now):
            log.info("account %s of run %s is with another worker", account_id, run_id)
            return None
        part.state = _PART.RUNNING
        part.started_at = now
        part.attempts += 1
        part.save(update_fields=["state", "started_at", "attempts"])
        return part.run


def _lock_part(run_id: int, account_id: str) -> RunAccount | None:
    """Lock an account's part of a run that goes on; None if the run has ended.

    Whoever ends a run locks its parts too, so nothing is stored behind a run's end.
    """
    return (
        RunAccount.objects.select_for_update(of=("self",))
        .select_related("run__connection")
        .filter(run_id=run_id, account_id=account_id, run__state=_RUN.RUNNING)
        .first()
    )


def _state_of_part(outcomes: list[Outcome]) -> RunAccount.State:
    readable = [each for each in outcomes if each.state != Coverage.State.UNSUPPORTED]
    complete = sum(each.complete for each in readable)
    if complete == len(readable):
        return _PART.COMPLETE
    return _PART.PARTIAL if complete else _PART.FAILED


def account_overran(*, run_id: int, account_id: str, now: datetime) -> None:
    """End an account's part whose task was stopped because it took too long."""
    message = f"reading account {account_id} was stopped because it took too long"
    fail_part(
        run_id=run_id,
        account_id=account_id,
        state=Coverage.State.TIMED_OUT,
        message=message,
        code="TimeLimit",
        now=now,
    )


def is_lost(part: RunAccount, now: datetime) -> bool:
    """Whether the worker that began an account must be gone: its task has no time left."""
    seconds = settings.INVENTORY_ACCOUNT_SECONDS + 3 * settings.INVENTORY_TASK_MARGIN_SECONDS
    return part.started_at is not None and now - part.started_at > timedelta(seconds=seconds)


def fail_part(
    *,
    run_id: int,
    account_id: str,
    state: Coverage.State,
    message: str,
    code: str,
    now: datetime,
) -> None:
    """End an account's part without a reading, for the reason given; done ones are left alone."""
    with transaction.atomic():
        part = _lock_part(run_id, account_id)
        if part is None or part.state in RunAccount.DONE_STATES:
            return
        keep_coverage(
            coverage_without_reading(
                run=part.run,
                account_id=account_id,
                state=state,
                message=message,
                remedy="retry the account; if it happens again, look at the worker's log",
                code=code,
                now=now,
            )
        )
        part.state = _PART.FAILED
        part.finished_at = now
        part.save(update_fields=["state", "finished_at"])
        transaction.on_commit(lambda: finish_run(run_id=run_id, now=now))


@transaction.atomic
def finish_run(*, run_id: int, now: datetime) -> None:
    """End a run whose accounts are all done; exactly once, however many ask at the same time."""
    run = InventoryRun.objects.select_for_update().get(pk=run_id)
    if run.state != _RUN.RUNNING or run.accounts.filter(state__in=_OPEN_PARTS).exists():
        return
    parts = run.accounts.exclude(state=_PART.SKIPPED)
    read = parts.exclude(state=_PART.FAILED)
    unsure = run.coverage.exclude(
        state__in=[Coverage.State.COMPLETE, Coverage.State.UNSUPPORTED]
    ).exists()
    if run.account_ids is not None and not read.exists():
        run.state = _RUN.FAILED
        run.error = "none of the accounts could be read: see their coverage"
    else:
        run.state = _RUN.PARTIAL if unsure else _RUN.COMPLETE
    run.finished_at = now
    run.counted = count_runs([run])[run.pk].as_json()
    run.save(update_fields=["state", "error", "finished_at", "counted"])


@transaction.atomic
def fail_run(*, run_id: int, error: str, now: datetime) -> None:
    """End a run as failed, with what is left of its accounts; one that has ended is left alone."""
    # Parts before the run: in the order in which `collect_account` takes them.
    list(
        RunAccount.objects.select_for_update()
        .filter(run_id=run_id, state__in=_OPEN_PARTS)
        .order_by("account_id")
    )
    run = InventoryRun.objects.select_for_update().get(pk=run_id)
    if not run.is_active:
        return
    run.accounts.filter(state__in=_OPEN_PARTS).update(state=_PART.FAILED, finished_at=now)
    run.state = _RUN.FAILED
    run.error = error
    run.finished_at = now
    run.counted = count_runs([run])[run.pk].as_json()
    run.save(update_fields=["state", "error", "finished_at", "counted"])


def _still_running(run_id: int) -> bool:
    """Whether the run goes on; it cannot end before this transaction does."""
    return (
        InventoryRun.objects.select_for_update()
        .filter(pk=run_id, state=_RUN.RUNNING)
        .values_list("pk", flat=True)
        .first()
        is not None
    )


def _count(run_id: int, written: Written) -> None:
    InventoryRun.objects.filter(pk=run_id).update(
        rows_opened=F("rows_opened") + written.opened, rows_closed=F("rows_closed") + written.closed
    )


def _moment(run: InventoryRun) -> datetime:
    if run.started_at is None:
        raise RuntimeError(f"run {run.pk} has not started")
    return run.started_at
