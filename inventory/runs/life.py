"""The life of a run after its request: begun, its organization read, its tasks queued.

    QUEUED → RUNNING → COMPLETE | PARTIAL | FAILED | CANCELLED

One run an organization at a time. A run that is started may be asked for twice: the second time
does nothing. Its tasks are in `inventory.runs.group_tasks`, its end in `inventory.runs.ending`.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, TypeVar

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import QuerySet

from inventory.collecting.lasting import contradict_lasting
from inventory.collecting.outcomes import CollectorOutcome, coverage_of
from inventory.collecting.reading import Clock, read_organization
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import CollectionTask, Connection, InventoryRun
from inventory.records import AccountRecord, OrganizationRecord
from inventory.runs.ending import count_done, fail_run
from inventory.runs.group_tasks import add_tasks, skip_tasks, state_of_task, write_tasks
from inventory.runs.leases import lease_ended, new_holder, renewed, take
from inventory.runs.outages import through_outages
from inventory.signals import organization_stored
from inventory.store.closing import explained
from inventory.store.coverage import keep_coverage
from inventory.store.covered import Part
from inventory.store.moments import next_moment
from inventory.store.scopes import close_departed_accounts, lock_scope, store_readings

R = TypeVar("R")

log = logging.getLogger(__name__)

_RUN = InventoryRun.State
_TASK = CollectionTask.State
# AWS's word for an account whose roles can be assumed.
ACTIVE: Final = "ACTIVE"


def start_run(*, run_id: int, clock: Clock) -> None:
    """Begin a queued run: read the organization, then queue its accounts.

    A run that somebody reads already is left alone; one whose worker was lost while it read the
    organization is taken over. If the organization cannot be read the run fails, and nothing is
    stored or closed.
    """
    holder = new_holder()
    run = through_outages(lambda: _begin(run_id, holder, clock()))
    if run is None or run.account_ids is not None:
        return
    try:
        with renewed(holder, connection_id=run.connection_id):
            outcomes = read_organization(run.connection, run_id=run.pk, clock=clock)
        through_outages(lambda: _keep_organization(run, holder, outcomes, now=clock()))
    except (DatabaseError, InterfaceError):
        # The lease ends, and the run is taken over once the database is there again.
        raise
    except Exception as error:
        fail_run(run_id=run.pk, error=f"the organization could not be read: {error}", now=clock())
        raise


def _chosen_parts(run: InventoryRun) -> Iterator[Part]:
    """Yield the accounts and groups that a run of chosen accounts reads."""
    every = registry.groups(Reader.ACCOUNT)
    for account_id in run.account_ids or ():
        chosen = every if run.chosen_groups is None else run.chosen_groups.get(account_id, ())
        yield from ((account_id, group) for group in every if group in chosen)


def _begin(run_id: int, holder: str, now: datetime) -> InventoryRun | None:
    with transaction.atomic():
        run = (
            InventoryRun.objects.select_for_update(of=("self",))
            .select_related("connection")
            .filter(pk=run_id)
            .first()
        )
        if run is None:
            log.info("run %s is gone, and its organization with it", run_id)
            return None
        if run.state == _RUN.QUEUED:
            run.started_at = next_moment(run.connection, now=now)
            run.state = _RUN.RUNNING
            run.save(update_fields=["started_at", "state"])
            if run.account_ids is not None:
                add_tasks(run, _chosen_parts(run), now=now)
                return run
            write_tasks(
                CollectionTask(connection_id=run.connection_id, run=run, group=group)
                for group in registry.groups(Reader.ORGANIZATION)
            )
        elif not is_organization_lost(run, now):
            log.info("run %s is %s already", run_id, run.state)
            return None
        for task in organization_tasks(run).select_for_update().order_by("group"):
            take(task, holder=holder, now=now)
        return run


def organization_tasks(run: InventoryRun) -> "QuerySet[CollectionTask]":
    """Return the tasks of a run that read the organization itself."""
    return run.tasks.filter(connection_id=run.connection_id, account_id="")


def is_organization_lost(run: InventoryRun, now: datetime) -> bool:
    """Whether nobody reads the organization any more although a run has still to store it."""
    if run.state != _RUN.RUNNING or run.account_ids is not None:
        return False
    return organization_tasks(run).filter(lease_ended(now)).exists()


def _keep_organization(
    run: InventoryRun, holder: str, outcomes: list[CollectorOutcome], *, now: datetime
) -> None:
    outcomes = contradict_lasting(outcomes, connection=run.connection)
    problem = _problem_of_organization(run.connection, outcomes)
    by_group: dict[str, list[CollectorOutcome]] = {}
    for outcome in outcomes:
        by_group.setdefault(outcome.collector.group, []).append(outcome)
    with transaction.atomic():
        lock_scope(run.connection, "", "")
        # Tasks before the run, as whoever ends a run does.
        tasks = organization_tasks(run)
        open_tasks = tasks.filter(state=_TASK.RUNNING).select_for_update().order_by("group")
        held = [task.worker for task in open_tasks]
        if not _still_running(run.pk) or set(held) != {holder}:
            log.warning("the organization of run %s is not to be stored any more", run.pk)
            return
        keep_coverage(
            {("", group): coverage_of(found) for group, found in by_group.items()}, run=run
        )
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
            is_explained=explained(run.connection),
        )
        written += close_departed_accounts(connection=run.connection, moment=moment)
        for group, found in by_group.items():
            tasks.filter(group=group).update(
                state=state_of_task(found), finished_at=now, lease_until=None
            )
        count_done(run.pk, written, tasks=0)
        accounts = _only(AccountRecord, outcomes)
        skip_tasks(run, [each for each in accounts if each.state != ACTIVE], now=now)
        active = [each.account_id for each in accounts if each.state == ACTIVE]
        groups = registry.groups(Reader.ACCOUNT)
        add_tasks(run, [(each, group) for each in active for group in groups], now=now)
        organization_stored.send(sender=InventoryRun, run=run, now=now)


def _problem_of_organization(connection: Connection, outcomes: list[CollectorOutcome]) -> str:
    """Say why nothing may be kept of what was read; empty: it may."""
    for outcome in outcomes:
        if outcome.collector.essential and outcome.error is not None:
            error = outcome.error
            return f"{error.message}: {error.remedy}" if error.remedy else error.message
    found = _only(OrganizationRecord, outcomes)[0].organization_id
    if connection.organization_id not in {"", found}:
        return (
            f"the role {connection.organization_role_arn} now reads organization {found}, and this "
            f"connection holds {connection.organization_id}: create another connection for it"
        )
    return ""


def _only(kind: type[R], outcomes: Iterable[CollectorOutcome]) -> list[R]:
    return [each for outcome in outcomes for each in outcome.records if isinstance(each, kind)]


def _still_running(run_id: int) -> bool:
    """Whether the run goes on; it cannot end before this transaction does."""
    return (
        InventoryRun.objects.select_for_update()
        .filter(pk=run_id, state=_RUN.RUNNING)
        .values_list("pk", flat=True)
        .first()
        is not None
    )


def _moment(run: InventoryRun) -> datetime:
    if run.started_at is None:
        raise RuntimeError(f"run {run.pk} has not started")
    return run.started_at
