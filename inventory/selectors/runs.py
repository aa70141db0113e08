"""Runs of the inventory: their list, and how far one has come."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from inventory.models import Connection, Coverage, InventoryRun, RunAccount
from inventory.viewing import Viewer, visible


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
    """Count a run's accounts and collectors by state and its calls by operation."""
    parts = visible_parts(viewer, run=run)
    coverage = run_coverage(viewer, run=run)
    calls: Counter[str] = Counter()
    for made in coverage.values_list("calls", flat=True):
        calls.update(made)
    return RunProgress(
        accounts=dict(parts.order_by().values_list("state").annotate(count=Count("pk"))),
        collectors=dict(coverage.order_by().values_list("state").annotate(count=Count("pk"))),
        calls=dict(calls),
    )


def visible_parts(viewer: Viewer, *, run: InventoryRun) -> QuerySet[RunAccount]:
    """The accounts' parts of a run."""
    return visible(RunAccount.objects.filter(run=run), viewer).order_by("account_id")


def run_coverage(viewer: Viewer, *, run: InventoryRun) -> QuerySet[Coverage]:
    """What each collector covered in a run, the organization's own first."""
    return visible(Coverage.objects.filter(run=run), viewer).order_by(
        "account_id", "collector", "region"
    )
