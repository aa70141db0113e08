"""Runs of the inventory: their list, and how far one has come."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from inventory.models import Connection, Coverage, InventoryRun, RunAccount
from inventory.runs.counts import run_counts
from inventory.viewing import Viewer, visible

# Accounts in these states are what a retry reads again.
UNREAD_STATES: Final = (RunAccount.State.FAILED, RunAccount.State.PARTIAL)


def runs(viewer: Viewer, *, connection: Connection) -> QuerySet[InventoryRun]:
    """Every run, the newest first."""
    return (
        visible(InventoryRun.objects.filter(connection=connection), viewer)
        .select_related("requested_by")
        .order_by("-requested_at", "-pk")
    )


def active_run(viewer: Viewer, *, connection: Connection) -> InventoryRun | None:
    """Return the run that goes on now, if one does."""
    return runs(viewer, connection=connection).filter(state__in=InventoryRun.ACTIVE_STATES).first()


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run has come. `calls`: calls to AWS by operation, retries included."""

    accounts: dict[str, int]
    collectors: dict[str, int]
    calls: dict[str, int]

    @property
    def accounts_total(self) -> int:
        """Accounts in the run; 0 until the organization has been read."""
        return sum(self.accounts.values())

    @property
    def accounts_done(self) -> int:
        """Accounts that have ended, well or not."""
        return sum(self.accounts.get(state, 0) for state in RunAccount.DONE_STATES)


def run_progress(viewer: Viewer, *, run: InventoryRun) -> RunProgress:
    """Tell a run's accounts and collectors by state and its calls by operation."""
    return _progress(viewer, [run])[run.pk]


def _progress(viewer: Viewer, runs: Iterable[InventoryRun]) -> dict[int, RunProgress]:
    chosen = list(runs)
    if not viewer.sees_inventory:
        return {run.pk: RunProgress({}, {}, {}) for run in chosen}
    return {
        pk: RunProgress(counted.accounts, counted.collectors, counted.calls)
        for pk, counted in run_counts(chosen).items()
    }


def visible_parts(viewer: Viewer, *, run: InventoryRun) -> QuerySet[RunAccount]:
    """The accounts' parts of a run."""
    return visible(RunAccount.objects.filter(run=run), viewer).order_by("account_id")


def run_coverage(viewer: Viewer, *, run: InventoryRun) -> QuerySet[Coverage]:
    """What each collector covered in a run, the organization's own first."""
    return visible(Coverage.objects.filter(run=run), viewer).order_by(
        "account_id", "collector", "region"
    )


@dataclass(frozen=True, slots=True)
class RunTotals:
    """What one run amounts to. `unread`: accounts that failed or were read in part.

    `calls`: calls to AWS, retries included.
    """

    accounts: int = 0
    done: int = 0
    unread: int = 0
    calls: int = 0


def run_totals(viewer: Viewer, *, runs: Iterable[InventoryRun]) -> dict[int, RunTotals]:
    """Sum up each run by its primary key; those that have ended were counted at their end."""
    return {
        pk: RunTotals(
            accounts=told.accounts_total,
            done=told.accounts_done,
            unread=sum(told.accounts.get(state, 0) for state in UNREAD_STATES),
            calls=sum(told.calls.values()),
        )
        for pk, told in _progress(viewer, runs).items()
    }


@dataclass(frozen=True, slots=True)
class PartCoverage:
    """How an account's collectors fared in one run, with what went wrong first."""

    complete: int = 0
    total: int = 0
    problem: Coverage | None = None


def coverage_by_part(
    viewer: Viewer, *, run: InventoryRun, account_ids: Iterable[str]
) -> dict[str, PartCoverage]:
    """Sum up what a run's collectors covered by account; accounts without coverage are absent."""
    found: dict[str, list[Coverage]] = {}
    for row in run_coverage(viewer, run=run).filter(account_id__in=list(account_ids)):
        found.setdefault(row.account_id, []).append(row)
    complete = Coverage.State.COMPLETE
    return {
        account_id: PartCoverage(
            complete=sum(row.state == complete for row in rows),
            total=len(rows),
            problem=next((row for row in rows if row.state != complete), None),
        )
        for account_id, rows in found.items()
    }
