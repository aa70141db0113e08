"""`python -m benchmarks.inventory_runs KIND ORGANIZATION`: read it in a stack aside, print tables.

KIND is `costs`, `calls`, `seeded` or `size`, see `benchmarks.inventory`.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import django

from benchmarks.inventory_calls import (
    organization_seconds_allowed,
    print_account_calls,
    print_bucket_calls,
    print_calls_in_all,
    print_collector_calls,
    print_organization_calls,
)
from benchmarks.inventory_readings import (
    AWS_RATES,
    LONGEST_RUN_SECONDS,
    NO_RATES,
    Reading,
    Readings,
    seconds_between,
)
from benchmarks.tables import Figure, Row, print_figures, print_table
from demo.stack.aside import running_stack

if TYPE_CHECKING:
    from inventory.models import InventoryRun

_UNCHANGED_RUNS: Final = 2
# How much more than boto3 alone reading and storing may take.
_PROCESSOR_RATIO: Final = 1.5
_WALL_RATIO: Final = 1.3
_FIRST_RUN_SECONDS: Final = 30
# For 20 accounts of 51 roles.
_CALLS: Final = 230
# A task, an account and group, is begun, stored and ended in these; the rest is the runs' own.
_STATEMENTS: Final = 18
# By how many percent a worker's memory may grow once it has read an organization.
_GROWTH_PERCENT: Final = 5


def main(kind: str, organization: Path) -> None:
    """Measure, and print the tables."""
    with (
        tempfile.TemporaryDirectory(prefix="orgwarden bench ") as name,
        running_stack(
            Path(name),
            organization=organization,
            first_inventory_seconds=LONGEST_RUN_SECONDS,
            rate_factor=1,
        ) as stack,
    ):
        os.environ.update(stack.environment)
        django.setup()
        _KINDS[kind](Readings(stack, Path(name)))


def _print_costs_of_runs(readings: Readings) -> None:
    at_aws_rates = readings.series(AWS_RATES, runs=1 + _UNCHANGED_RUNS)
    print_organization_calls(at_aws_rates[0])
    print_account_calls(at_aws_rates[0])
    print_bucket_calls(at_aws_rates[0])
    print_collector_calls(at_aws_rates[0])
    without = readings.series(NO_RATES, runs=1 + _UNCHANGED_RUNS)
    series = {"AWS's rates": at_aws_rates, "AWS without rates": without}
    _print_times(series)
    _print_costs(readings, series)
    _print_beside_bare_calls(readings, without[0])


def _print_calls(readings: Readings) -> None:
    [first] = readings.series(AWS_RATES, runs=1)
    print_organization_calls(first)
    print_account_calls(first)
    print_collector_calls(first)
    print_calls_in_all(first, readings.first_calls, most=_CALLS)


def _print_seeded(readings: Readings) -> None:
    """Print what the stack's first inventory took, and a run that finds nothing changed."""
    from inventory.models import Coverage, InventoryRun
    from inventory.runs.counts import run_counts

    first = InventoryRun.objects.exclude(counted=None).earliest("pk")
    rows = Coverage.objects.filter(connection=first.connection)
    covered = rows.count()
    again = readings.read(first.connection, factor=NO_RATES)
    accounts = max(1, len(again.assumed))
    calls = sum(run_counts([first])[first.pk].calls.values())
    print_figures(
        f"{accounts:,} accounts with all collectors",
        [
            Figure("accounts of which everything was read", len(again.complete)),
            Figure("calls, first run", calls),
            Figure("calls an account, first run", _rounded(calls / accounts)),
            Figure(
                "seconds, first run",
                _rounded(seconds_between(first.requested_at, first.finished_at)),
            ),
            Figure("versions, first run", first.rows_opened),
            Figure("coverage rows, first run", covered),
            Figure("calls, unchanged run", again.calls.total()),
            Figure("seconds, unchanged run", _rounded(again.seconds)),
            Figure("processor seconds of the workers, unchanged run", _processor([again])),
            Figure(
                "MB of the workers together at the peak", _rounded(again.use.together_megabytes)
            ),
            Figure("MB of the largest worker at its peak", _rounded(again.use.largest_megabytes)),
            Figure("versions, unchanged run", again.run.rows_opened + again.run.rows_closed, 0),
            Figure("coverage rows, unchanged run", rows.count() - covered, 0),
        ],
    )


def _print_size(readings: Readings) -> None:
    """Print time and memory of an organization so large that 1,000 accounts are read in 3 runs."""
    series = readings.series(AWS_RATES, runs=3)
    first, last = series[0], series[-1]
    accounts = len(first.complete)
    bare = readings.bare_calls(readings.record(first.run.connection, sorted(first.complete)))
    allowed = organization_seconds_allowed(last)
    together = allowed + bare["seconds"]
    print_figures(
        f"A run of {accounts} accounts at AWS's rates, nothing changed",
        [
            Figure("seconds that the rates ask of the organization's part", _rounded(allowed)),
            Figure(
                "seconds, the organization's part",
                _rounded(last.organization_seconds),
                _rounded(_WALL_RATIO * allowed),
            ),
            Figure(
                "seconds of boto3 alone for the accounts, which no rate holds up",
                _rounded(bare["seconds"]),
            ),
            Figure("seconds, the run", _rounded(last.seconds), _rounded(_WALL_RATIO * together)),
            Figure("calls throttled and repeated", sum(last.throttled.values())),
        ],
    )
    held = [each.worker_megabytes for each in series]
    print_figures(
        f"Memory of the largest of the workers, {accounts} accounts a run",
        [
            *(
                Figure(f"MB of its own after {number * accounts:,} accounts", _rounded(megabytes))
                for number, megabytes in enumerate(held, 1)
            ),
            Figure(
                "growth from the first run to the last, %",
                _rounded(100 * (held[-1] / held[0] - 1)),
                _GROWTH_PERCENT,
            ),
        ],
    )


def _print_beside_bare_calls(readings: Readings, first: Reading) -> None:
    """Read the accounts again of which everything can be read, and make the calls by boto3 alone.

    In turns, so that other work on the machine meets both.
    """
    accounts = sorted(first.complete)
    recorded = readings.record(first.run.connection, accounts)
    own, bare = [], []
    for _ in range(1 + _UNCHANGED_RUNS):
        own.append(readings.read(first.run.connection, factor=NO_RATES, account_ids=accounts))
        bare.append(readings.bare_calls(recorded))
    used = min(each.use.processor_seconds for each in own) / len(accounts)
    least = min(each["processor_seconds"] for each in bare) / len(accounts)
    wall = min(each.seconds for each in own)
    bare_wall = min(each["seconds"] for each in bare)
    print_figures(
        f"Reading and storing {len(accounts)} accounts beside boto3 alone, nothing changed",
        [
            Figure("calls, the workers", own[-1].calls.total()),
            Figure("calls, boto3 alone", bare[-1]["calls"]),
            Figure("processor ms an account, the workers", _rounded(used * 1e3)),
            Figure("processor ms an account, boto3 alone", _rounded(least * 1e3)),
            Figure("ratio of processor time", round(used / least, 2), _PROCESSOR_RATIO),
            Figure("seconds, the run by four workers", _rounded(wall)),
            Figure("seconds, boto3 alone", _rounded(bare_wall)),
            Figure("ratio of wall time", round(wall / bare_wall, 2), _WALL_RATIO),
        ],
    )


def _print_times(series: dict[str, list[Reading]]) -> None:
    rows = []
    for words, (first, *unchanged) in series.items():
        parts = tuple(time for each in unchanged for time in each.account_seconds)
        target = _FIRST_RUN_SECONDS if first.factor == AWS_RATES else None
        rows += [
            Row(f"first run, {words}", (first.seconds,), target),
            Row(f"unchanged run, {words}", tuple(each.seconds for each in unchanged), None),
            Row(f"a task of it, {words}", parts, None),
        ]
    print_table("Wall time, from the request to the end of the run", rows)


def _print_costs(readings: Readings, series: dict[str, list[Reading]]) -> None:
    firsts = [first for first, *_ in series.values()]
    unchanged = [each for _, *others in series.values() for each in others]
    uses = [each.use for each in (*firsts, *unchanged)]
    print_figures(
        "The inventory's workers: four processes and their parent",
        [
            Figure("processor seconds, first run", _processor(firsts), is_seconds=True),
            Figure("processor seconds, unchanged run", _processor(unchanged), is_seconds=True),
            Figure("MB, all at the peak", _rounded(max(u.together_megabytes for u in uses))),
            Figure("MB, the largest at its peak", _rounded(max(u.largest_megabytes for u in uses))),
        ],
    )
    moved = sum(each.run.rows_opened + each.run.rows_closed for each in unchanged)
    print_figures(
        "The database",
        [
            Figure("versions, first run", max(each.run.rows_opened for each in firsts)),
            Figure("rows, first run, with contents and use", max(e.written for e in firsts)),
            Figure(f"versions, {len(unchanged)} unchanged runs", moved, 0),
            Figure("rows, the same runs", sum(each.written for each in unchanged), 0),
            Figure(
                "statements a task, unchanged",
                _statements_a_task(readings, unchanged[-1].run),
                _STATEMENTS,
            ),
        ],
    )


def _statements_a_task(readings: Readings, run: InventoryRun) -> float:
    """Have the server log what it is told while all accounts, and nothing else, are read."""
    from django.db import connection

    tasks = run.tasks.exclude(account_id="").exclude(state="skipped")
    parts = list(tasks.values_list("account_id", "group"))
    account_ids = sorted({account_id for account_id, _ in parts})
    with connection.cursor() as cursor:
        # Not this process's own, which asks again and again whether the run has ended.
        cursor.execute("SET log_statement = 'none'")
        cursor.execute("ALTER SYSTEM SET log_statement = 'all'")
        cursor.execute("SELECT pg_reload_conf()")
    readings.read(run.connection, factor=NO_RATES, account_ids=account_ids)
    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM RESET log_statement")
        cursor.execute("SELECT pg_reload_conf()")
    # The server writes before it answers; the log book reads a little later.
    time.sleep(1)
    lines = (readings.folder / "logs" / "postgres.log").read_text(encoding="utf-8").splitlines()
    statements = sum(line.startswith("LOG:  statement: ") for line in lines)
    return _rounded(statements / len(parts))


def _processor(readings: Sequence[Reading]) -> float:
    return _rounded(median(each.use.processor_seconds for each in readings))


def _rounded(number: float) -> float:
    return round(number, 1)


_KINDS: Final = {
    "costs": _print_costs_of_runs,
    "calls": _print_calls,
    "seeded": _print_seeded,
    "size": _print_size,
}

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
