"""What a run amounts to: accounts and collectors by state, calls by operation."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection as database
from django.db.models import Count, QuerySet

from inventory.models import Coverage, InventoryRun, RunAccount


@dataclass(frozen=True, slots=True)
class RunCounts:
    """`accounts`, `collectors`: state → how many. `calls`: operation → calls, retries included."""

    accounts: dict[str, int]
    collectors: dict[str, int]
    calls: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return what `InventoryRun.counted` holds."""
        return {"accounts": self.accounts, "collectors": self.collectors, "calls": self.calls}


def run_counts(runs: Iterable[InventoryRun]) -> dict[int, RunCounts]:
    """Return by primary key what was counted at each run's end; what has not ended is counted now.

    Three queries for those, however many there are.
    """
    chosen = list(runs)
    ended = {run.pk: RunCounts(**run.counted) for run in chosen if run.counted is not None}
    others = [run for run in chosen if run.counted is None]
    return ended | (count_runs(others) if others else {})


def count_runs(runs: Iterable[InventoryRun]) -> dict[int, RunCounts]:
    """Count from the runs' parts and coverage, in three queries."""
    counts = {run.pk: RunCounts({}, {}, {}) for run in runs}
    for run_id, state, number in _by_state(RunAccount.objects.filter(run__in=counts)):
        counts[run_id].accounts[state] = number
    for run_id, state, number in _by_state(Coverage.objects.filter(run__in=counts)):
        counts[run_id].collectors[state] = number
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT covered.run_id, made.key, SUM(made.value::bigint) "  # noqa: S608
            f"FROM {Coverage._meta.db_table} AS covered, jsonb_each_text(covered.calls) AS made "
            "WHERE covered.run_id = ANY(%s) GROUP BY covered.run_id, made.key",
            [list(counts)],
        )
        for run_id, operation, number in cursor.fetchall():
            counts[run_id].calls[operation] = int(number)
    return counts


def _by_state(rows: "QuerySet[Any]") -> Iterable[tuple[int, str, int]]:
    counted: Iterable[tuple[int, str, int]] = (
        rows.order_by().values_list("run_id", "state").annotate(number=Count("pk"))
    )
    return counted
