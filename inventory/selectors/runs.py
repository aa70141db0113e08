"""Runs of the inventory: their list, and how far one has come."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import (
    Aggregate,
    Case,
    CharField,
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from inventory.models import (
    AccountCoverage,
    CollectionTask,
    Connection,
    Coverage,
    GroupCoverageSpan,
    InventoryRun,
)
from inventory.runs.counts import run_counts
from inventory.runs.history import held_at, spans_of_run
from inventory.selectors.coverage import latest_coverage
from inventory.selectors.ready_query import ReadyQuery
from inventory.viewing import Viewer, sees_whole, targets_seen, visible

# Accounts in these states are what a retry reads again.
UNREAD_STATES: Final = (CollectionTask.State.FAILED, CollectionTask.State.PARTIAL)


def runs(viewer: Viewer, *, connection: Connection) -> QuerySet[InventoryRun]:
    """Every run, the newest first."""
    return _listed(visible(InventoryRun.objects.filter(connection=connection), viewer))


def _listed(rows: QuerySet[InventoryRun]) -> QuerySet[InventoryRun]:
    return rows.select_related("requested_by").order_by("-requested_at", "-pk")


def active_run(viewer: Viewer, *, connection: Connection) -> InventoryRun | None:
    """Return the run that goes on now, if one does."""
    if viewer.sees_everything:
        return next(iter(_ACTIVE.objects(connection_id=connection.pk)), None)
    return _going_on(visible(InventoryRun.objects.filter(connection=connection), viewer)).first()


def _going_on(rows: QuerySet[InventoryRun]) -> QuerySet[InventoryRun]:
    return _listed(rows).filter(state__in=InventoryRun.ACTIVE_STATES)


# Asked for every page of an organization, an account or a run.
_ACTIVE: Final = ReadyQuery(
    lambda connection_id: _going_on(InventoryRun.objects.filter(connection_id=connection_id))[:1],
    connection_id=-1,
)


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run has come. `calls`: calls to AWS by operation, retries included.

    `measures`: what each collector took, once the run has ended (`inventory.runs.counts`).
    `is_whole`: all of the run was counted; else only accounts that the viewer may see, and no
    calls and measures, which are those of the organization.
    """

    accounts: dict[str, int]
    collectors: dict[str, int]
    calls: dict[str, int]
    measures: dict[str, dict[str, float]] = field(default_factory=dict)
    is_whole: bool = True

    @property
    def accounts_total(self) -> int:
        """Accounts in the run; 0 until the organization has been read."""
        return sum(self.accounts.values())

    @property
    def accounts_done(self) -> int:
        """Accounts that have ended, well or not."""
        return sum(self.accounts.get(state, 0) for state in CollectionTask.DONE_STATES)


def run_progress(viewer: Viewer, *, run: InventoryRun) -> RunProgress:
    """Return a run's accounts and collectors by state and its calls by operation."""
    return _progress(viewer, [run])[run.pk]


def _progress(viewer: Viewer, runs: Iterable[InventoryRun]) -> dict[int, RunProgress]:
    chosen = list(runs)
    if not viewer.sees_inventory:
        return {run.pk: RunProgress({}, {}, {}) for run in chosen}
    in_part = [run for run in chosen if not sees_whole(viewer, run.connection_id)]
    if in_part:
        whole = _progress(viewer, [run for run in chosen if run not in in_part])
        return whole | {run.pk: _progress_in_part(viewer, run) for run in in_part}
    return {
        pk: RunProgress(counted.accounts, counted.collectors, counted.calls, counted.measures)
        for pk, counted in run_counts(chosen).items()
    }


def _progress_in_part(viewer: Viewer, run: InventoryRun) -> RunProgress:
    """Count the accounts of a run that the viewer may see, and what came of their collectors."""
    accounts: QuerySet[Any] = run_accounts(viewer, run=run).order_by()
    collectors = run_coverage(viewer, run=run).exclude(account_id="").order_by()
    return RunProgress(
        accounts=dict(accounts.values_list("state").annotate(number=Count("pk"))),
        collectors=dict(collectors.values_list("state").annotate(number=Count("pk"))),
        calls={},
        is_whole=False,
    )


def chosen_accounts(viewer: Viewer, *, run: InventoryRun) -> list[str] | None:
    """Return the accounts that a run was to read and the viewer may see; None: all there are."""
    if run.account_ids is None or sees_whole(viewer, run.connection_id):
        return None if run.account_ids is None else list(run.account_ids)
    targets = targets_seen(viewer, run.connection_id)
    return [account_id for account_id in run.account_ids if targets.holds_account(account_id)]


def rows_written(viewer: Viewer, *, run: InventoryRun) -> tuple[int, int] | None:
    """Return how many rows a run opened and closed; None for who sees a part of its accounts."""
    if not sees_whole(viewer, run.connection_id):
        return None
    return run.rows_opened, run.rows_closed


def run_accounts(viewer: Viewer, *, run: InventoryRun) -> QuerySet[AccountCoverage]:
    """The accounts of a run and where the part of each stands, or stood when the run had ended.

    `state`: of `CollectionTask`. `total_then` and the others: the counts of its coverage after its
    part. `attempts`, `started_at`, `finished_at`: null where a later run has read the account.
    """
    rows = visible(AccountCoverage.objects.filter(connection_id=run.connection_id), viewer)
    tasks = CollectionTask.objects.filter(
        connection_id=run.connection_id, run=run, account_id=OuterRef("account_id")
    )
    spans = spans_of_run(run)
    own = spans.filter(account_id=OuterRef("account_id"))
    if run.is_active:
        of_run = run.tasks.filter(connection_id=run.connection_id)
        rows = rows.filter(account_id__in=of_run.values("account_id"))
    else:
        unread = {account_id for account_id, _ in run.unread}
        rows = rows.filter(Q(account_id__in=spans.values("account_id")) | Q(account_id__in=unread))
    columns: dict[str, Any] = {
        f"{name}_then": Coalesce(_of_account(own, Sum(name)), 0)
        for name in ("total", "complete", "denied", "unsupported")
    }
    columns["attempts"] = _of_account(tasks, Max("attempts"))
    columns["started_at"] = _of_account(tasks, Min("started_at"))
    columns["finished_at"] = _of_account(tasks, Max("finished_at"))
    state: dict[str, Any] = {"state": _state_now(tasks) if run.is_active else _state_then(run)}
    return rows.exclude(account_id="").annotate(**columns).annotate(**state).order_by("account_id")


def _of_account(rows: QuerySet[Any], value: Aggregate) -> Subquery:
    return Subquery(rows.order_by().values("account_id").annotate(value_=value).values("value_"))


def _state_now(tasks: QuerySet[CollectionTask]) -> Combinable:
    """Return where an account's tasks stand together."""
    state = CollectionTask.State

    def some(*states: str) -> Exists:
        return Exists(tasks.filter(state__in=states))

    pending, running = some(state.PENDING), some(state.RUNNING)
    done = some(*CollectionTask.DONE_STATES)
    return Case(
        When(pending & ~running & ~done, then=Value(state.PENDING)),
        When(pending | running, then=Value(state.RUNNING)),
        default=_ended(
            read=some(state.COMPLETE, state.PARTIAL),
            short=some(state.PARTIAL, state.FAILED),
            skipped=~some(*set(CollectionTask.DONE_STATES) - {state.SKIPPED}),
        ),
    )


def _state_then(run: InventoryRun) -> Combinable:
    """Return how an account's part of an ended run came out, from the counts it left."""
    unread = Q(account_id__in=[account_id for account_id, _ in run.unread])
    readable = F("total_then") - F("unsupported_then")
    return _ended(
        read=Q(complete_then__gt=0) & ~unread,
        short=Q(complete_then__lt=readable) | unread,
        skipped=Q(total_then=F("unsupported_then")) & ~unread,
    )


def _ended(*, read: Any, short: Any, skipped: Any) -> Case:
    state = CollectionTask.State
    return Case(
        When(skipped, then=Value(state.SKIPPED)),
        When(Q(read) & ~Q(short), then=Value(state.COMPLETE)),
        When(read, then=Value(state.PARTIAL)),
        default=Value(state.FAILED),
        output_field=CharField(),
    )


def run_coverage(viewer: Viewer, *, run: InventoryRun) -> QuerySet[Coverage]:
    """What each collector covered in a run, the organization's own first."""
    rows = latest_coverage(
        viewer, connection=run.connection, as_of=None if run.is_active else run.started_at
    )
    if run.is_active:
        rows = rows.filter(summary__run=run)
    elif run.started_at is None:
        rows = rows.none()
    else:
        own = Q() if run.account_ids is not None else Q(account_id="")
        rows = rows.filter(own | Q(account_id__in=spans_of_run(run).values("account_id")))
        for account_id, group in run.unread:
            rows = rows.exclude(account_id=account_id, summary__group=group)
    return rows.order_by("account_id", "collector", "region")


def run_coverage_count(viewer: Viewer, *, run: InventoryRun) -> int:
    """Count `run_coverage`; of a whole run that has ended, from the counts of its groups."""
    if (
        run.is_active
        or run.started_at is None
        or run.account_ids is not None
        or run.chosen_groups is not None
        or run.detail_aged_out_at is not None
        or not run.tasks_total
    ):
        return run_coverage(viewer, run=run).count()
    spans = visible(GroupCoverageSpan.objects.filter(connection_id=run.connection_id), viewer)
    spans = spans.filter(held_at(run.started_at))
    for account_id, group in run.unread:
        spans = spans.exclude(account_id=account_id, summary__group=group)
    return spans.aggregate(number=Sum("total"))["number"] or 0


def first_problems(
    viewer: Viewer, *, run: InventoryRun, account_ids: Iterable[str]
) -> dict[str, Coverage]:
    """Return the first collector that was not complete in a run, by account; others are absent."""
    rows = (
        run_coverage(viewer, run=run)
        .filter(account_id__in=list(account_ids))
        .exclude(state=Coverage.State.COMPLETE)
    )
    return {row.account_id: row for row in rows.distinct("account_id")}


@dataclass(frozen=True, slots=True)
class RunTotals:
    """What one run amounts to. `unread`: accounts that failed or were read in part.

    `calls`: calls to AWS, retries included. None for who sees a part of the run's accounts, as
    `rows_opened` and `rows_closed` are.
    """

    accounts: int = 0
    done: int = 0
    unread: int = 0
    calls: int | None = 0
    rows_opened: int | None = 0
    rows_closed: int | None = 0


def run_totals(viewer: Viewer, *, runs: Iterable[InventoryRun]) -> dict[int, RunTotals]:
    """Sum up each run by its primary key; those that have ended were counted at their end."""
    chosen = {run.pk: run for run in runs}
    found = {}
    for pk, progress in _progress(viewer, chosen.values()).items():
        opened, closed = rows_written(viewer, run=chosen[pk]) or (None, None)
        found[pk] = RunTotals(
            accounts=progress.accounts_total,
            done=progress.accounts_done,
            unread=sum(progress.accounts.get(state, 0) for state in UNREAD_STATES),
            calls=sum(progress.calls.values()) if progress.is_whole else None,
            rows_opened=opened,
            rows_closed=closed,
        )
    return found
