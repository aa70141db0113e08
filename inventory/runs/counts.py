"""What a run amounts to: accounts and collectors by state, calls by operation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection as database

from inventory.models import CollectionTask, Coverage, GroupCoverage, InventoryRun

_TASKS = CollectionTask._meta.db_table
_GROUPS = GroupCoverage._meta.db_table
_COVERAGE = Coverage._meta.db_table
# Accounts by where their tasks stand together: begun if one is begun, whole if all are.
_ACCOUNTS = f"""
    SELECT run_id, state, COUNT(*) FROM (
        SELECT run_id, CASE
            WHEN bool_and(state = 'pending') THEN 'pending'
            WHEN bool_or(state IN ('pending', 'running')) THEN 'running'
            WHEN bool_and(state = 'skipped') THEN 'skipped'
            WHEN bool_and(state IN ('complete', 'skipped')) THEN 'complete'
            WHEN bool_and(state IN ('failed', 'skipped')) THEN 'failed'
            ELSE 'partial' END AS state
        FROM {_TASKS}
        WHERE connection_id = ANY(%s) AND run_id = ANY(%s) AND account_id <> ''
        GROUP BY run_id, account_id
    ) AS accounts GROUP BY run_id, state
"""  # noqa: S608
_COLLECTORS = f"""
    SELECT summary.run_id, coverage.state, COUNT(*) FROM {_COVERAGE} AS coverage
    JOIN {_GROUPS} AS summary ON summary.id = coverage.summary_id
    WHERE summary.connection_id = ANY(%s) AND summary.run_id = ANY(%s)
    AND coverage.held_until IS NULL
    GROUP BY summary.run_id, coverage.state
"""  # noqa: S608
_CALLS = f"""
    SELECT summary.run_id, made.key, SUM(made.value::bigint)
    FROM {_GROUPS} AS summary, jsonb_each_text(summary.calls) AS made
    WHERE summary.connection_id = ANY(%s) AND summary.run_id = ANY(%s)
    GROUP BY summary.run_id, made.key
"""  # noqa: S608
# What each collector took in all accounts and regions.
_BY_COLLECTOR = f"""
    SELECT of_collector.key, COUNT(DISTINCT summary.account_id),
        SUM((took.value ->> 'records')::bigint), SUM((took.value ->> 'throttled')::bigint),
        ROUND(SUM((took.value ->> 'seconds')::numeric), 3),
        SUM((SELECT SUM(value::bigint) FROM jsonb_each_text(took.value -> 'calls')))
    FROM {_GROUPS} AS summary, jsonb_each(summary.measures) AS of_collector,
        jsonb_each(of_collector.value) AS took
    WHERE summary.connection_id = %s AND summary.run_id = %s GROUP BY of_collector.key
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class RunCounts:
    """`accounts`, `collectors`: state → how many. `calls`: operation → calls, retries included.

    `measures`: collector → what it took in all accounts and regions together: accounts, records,
    calls, throttled, seconds. Empty while the run goes on, and of runs from before it was kept.
    """

    accounts: dict[str, int]
    collectors: dict[str, int]
    calls: dict[str, int]
    measures: dict[str, dict[str, float]]

    def as_json(self) -> dict[str, Any]:
        """Return what `InventoryRun.counted` holds."""
        return {
            "accounts": self.accounts,
            "collectors": self.collectors,
            "calls": self.calls,
            "measures": self.measures,
        }


def run_counts(runs: Iterable[InventoryRun]) -> dict[int, RunCounts]:
    """Return by primary key what was counted at each run's end; what has not ended is counted now.

    Three queries for those, however many there are.
    """
    chosen = list(runs)
    ended = {
        run.pk: RunCounts(**{"measures": {}} | run.counted)
        for run in chosen
        if run.counted is not None
    }
    others = [run for run in chosen if run.counted is None]
    return ended | (_count(others) if others else {})


def count_run(run: InventoryRun) -> RunCounts:
    """Count what a run that ends now came to; no later run may have begun."""
    counted = _count([run])[run.pk]
    with database.cursor() as cursor:
        cursor.execute(_BY_COLLECTOR, [run.connection_id, run.pk])
        for collector, number, records, throttled, seconds, made in cursor.fetchall():
            counted.measures[collector] = {
                "accounts": number,
                "records": int(records or 0),
                "calls": int(made or 0),
                "throttled": int(throttled or 0),
                "seconds": float(seconds or 0),
            }
    return counted


def _count(runs: Sequence[InventoryRun]) -> dict[int, RunCounts]:
    counts = {run.pk: RunCounts({}, {}, {}, {}) for run in runs}
    given = [sorted({run.connection_id for run in runs}), sorted(counts)]
    with database.cursor() as cursor:
        cursor.execute(_ACCOUNTS, given)
        for run_id, state, number in cursor.fetchall():
            counts[run_id].accounts[state] = number
        cursor.execute(_COLLECTORS, given)
        for run_id, state, number in cursor.fetchall():
            counts[run_id].collectors[state] = number
        cursor.execute(_CALLS, given)
        for run_id, operation, number in cursor.fetchall():
            counts[run_id].calls[operation] = int(number)
    return counts
