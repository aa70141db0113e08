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
    NO_RATES,
    Reading,
    Readings,
)
from benchmarks.tables import Figure, print_figures
from demo.regions import HOME_REGION
from demo.stack.aside import running_stack
from demo.stack.supervisor import AWS_RATE_FACTOR

if TYPE_CHECKING:
    from inventory.models import InventoryRun

# How much more than boto3 alone reading and storing may take.
_PROCESSOR_RATIO: Final = 1.5
_WALL_RATIO: Final = 1.3
_FIRST_RUN_SECONDS: Final = 30
# For 20 accounts of 51 roles.
_CALLS: Final = 230
# A task, an account and group, is begun, stored and ended in these; the rest is the runs' own.
_STATEMENTS: Final = 18
# By how many percent a worker's memory may grow from the first run of hundreds of accounts to the
# end of the last of so many.
_GROWTH_PERCENT: Final = 5
_RUNS_FOR_MEMORY: Final = 3
# So many accounts are read again beside boto3 alone, so many times in turns.
_SAMPLE: Final = 12
_TURNS: Final = 3
# Of the stack's workers for the inventory.
_PROCESSES: Final = 4
# What a run's rates are in each kind: as `make demo` has them where rates are not what is measured.
_FACTORS: Final = {"calls": AWS_RATE_FACTOR, "costs": AWS_RATE_FACTOR, "size": 1, "seeded": 1}


def main(kind: str, organization: Path) -> None:
    """Measure, and print each table as soon as it is known."""
    with (
        tempfile.TemporaryDirectory(prefix="orgwarden bench ") as name,
        running_stack(
            Path(name),
            organization=organization,
            rate_factor=_FACTORS[kind],
            reads_first=False,
        ) as stack,
    ):
        os.environ.update(stack.environment)
        django.setup()
        _KINDS[kind](Readings(stack, Path(name)))


def _print_costs(readings: Readings) -> None:
    first = readings.first(AWS_RATE_FACTOR)
    _print_run("The first run", first, seconds=_FIRST_RUN_SECONDS)
    _print_beside_bare_calls(readings, first)
    unchanged = readings.read(first.run.connection, factor=AWS_RATE_FACTOR)
    _print_run("A run that finds nothing changed", unchanged, rows=0)
    print_organization_calls(first)
    print_account_calls(first)
    print_bucket_calls(first)
    print_collector_calls(first)
    sample = _sample(first)
    print_figures(
        "The database",
        [
            Figure(
                f"statements a task, {len(sample)} accounts, nothing changed",
                _statements_a_task(readings, first.run, sample),
                _STATEMENTS,
            )
        ],
    )


def _print_calls(readings: Readings) -> None:
    # The first has credential reports made, which AWS then keeps.
    first = readings.first(AWS_RATE_FACTOR)
    again = readings.read(first.run.connection, factor=AWS_RATE_FACTOR)
    print_calls_in_all(again, first.calls, most=_CALLS)
    print_organization_calls(again)
    print_account_calls(again)


def _print_seeded(readings: Readings) -> None:
    first = readings.first(NO_RATES)
    _print_run("The first run", first)
    print_collector_calls(first)
    _print_run(
        "A run that finds nothing changed",
        readings.read(first.run.connection, factor=NO_RATES),
        rows=0,
    )


def _print_size(readings: Readings) -> None:
    """Print time and memory of runs of hundreds of accounts at AWS's rates, in one region."""
    first = readings.first(AWS_RATES, regions=[HOME_REGION])
    _print_run("The first run", first)
    _print_beside_rates(readings, first)
    later = [
        readings.read(first.run.connection, factor=AWS_RATES) for _ in range(1, _RUNS_FOR_MEMORY)
    ]
    _print_memory([first, *later])


def _print_memory(runs: Sequence[Reading]) -> None:
    """Print what the largest of the workers held alone after each part of some runs, one by one."""
    held: list[tuple[int, float]] = []
    before = 0
    for reading in runs:
        parts = reading.worker_megabytes
        held += [
            (before + number * len(reading.assumed) // len(parts), megabytes)
            for number, megabytes in enumerate(parts, 1)
        ]
        before = held[-1][0]
    (_, early), (accounts, late) = held[len(runs[0].worker_megabytes) - 1], held[-1]
    print_figures(
        f"Memory of the largest of the workers in {len(runs)} runs",
        [
            *(
                Figure(f"MB of its own after {number:,} accounts", _rounded(megabytes))
                for number, megabytes in held
            ),
            Figure(
                f"growth from the end of the first run to {accounts:,} accounts, %",
                _rounded(100 * (late / early - 1)),
                _GROWTH_PERCENT,
            ),
        ],
    )


def _print_beside_rates(readings: Readings, first: Reading) -> None:
    """Print a first run beside the least that AWS's rates and boto3 alone take for it."""
    sample = _sample(first)
    bare = readings.bare_calls(readings.record(first.run.connection, sample))
    accounts = len(first.assumed)
    alone = bare["seconds"] * accounts / len(sample)
    allowed = organization_seconds_allowed(first)
    print_figures(
        f"A run of {accounts} accounts at AWS's rates",
        [
            Figure("seconds that the rates ask of the organization's part", _rounded(allowed)),
            Figure("seconds, the organization's part", _rounded(first.organization_seconds)),
            Figure(
                "ratio of the organization's part",
                round(first.organization_seconds / allowed, 2),
                _WALL_RATIO,
            ),
            Figure(
                f"seconds of boto3 alone for the accounts, by {len(sample)} of them",
                _rounded(alone),
            ),
            Figure("seconds, the run", _rounded(first.seconds)),
            Figure("ratio of the run", round(first.seconds / (allowed + alone), 2), _WALL_RATIO),
            Figure("calls throttled and repeated", sum(first.throttled.values())),
        ],
    )


def _print_run(
    name: str, reading: Reading, *, seconds: float | None = None, rows: int | None = None
) -> None:
    """Print what a run took. `seconds`, `rows`: at most, of time and of what it may write."""
    moved = reading.run.rows_opened + reading.run.rows_closed
    print_figures(
        f"{name}: {reading.calls.total():,} calls, {reading.run.tasks_total:,} parts of accounts",
        [
            Figure("seconds, from the request to the end", _rounded(reading.seconds), seconds),
            Figure("seconds until a worker took it", _rounded(reading.begun_seconds)),
            Figure(
                "seconds until the organization is stored", _rounded(reading.organization_seconds)
            ),
            Figure(
                "seconds until the first part of an account", _rounded(reading.accounts_seconds)
            ),
            Figure("seconds until the last part was read", _rounded(reading.last_seconds)),
            Figure("accounts of which everything was read", len(reading.complete)),
            Figure(
                "processor seconds of the inventory's workers, four and their parent",
                _rounded(reading.use.processor_seconds),
                is_seconds=True,
            ),
            Figure("MB, all of them at the peak", _rounded(reading.use.together_megabytes)),
            Figure("MB, the largest at its peak", _rounded(reading.use.largest_megabytes)),
            Figure("versions opened and closed", moved, rows),
            Figure("rows written, with contents and use", reading.written.total(), rows),
            *(
                Figure(f"of these in {table}", number)
                for table, number in reading.written.most_common()
                if number and rows is not None
            ),
        ],
    )


def _sample(reading: Reading) -> list[str]:
    """Return some accounts that were read, from all over the organization, whole if there are."""
    accounts = sorted(reading.complete or reading.assumed)
    return accounts[:: -(-len(accounts) // _SAMPLE) or 1]


def _print_beside_bare_calls(readings: Readings, first: Reading) -> None:
    """Read some accounts again, and make the calls by boto3 alone.

    In turns, so that other work on the machine meets both.
    """
    accounts = _sample(first)
    recorded = readings.record(first.run.connection, accounts)
    own, bare, beside = [], [], []
    for _ in range(_TURNS):
        own.append(readings.read(first.run.connection, factor=NO_RATES, account_ids=accounts))
        bare.append(readings.bare_calls(recorded))
        # The same work takes half as much again where four processes share two processors.
        beside.append(readings.bare_calls(recorded, processes=_PROCESSES))
    used = min(each.use.processor_seconds for each in own) / len(accounts)
    least = min(each["processor_seconds"] for each in beside) / len(accounts)
    wall = min(each.seconds for each in own)
    bare_wall = min(each["seconds"] for each in bare)
    print_figures(
        f"Reading and storing {len(accounts)} accounts beside boto3 alone, nothing changed",
        [
            Figure("calls, the workers", own[-1].calls.total()),
            Figure("calls, boto3 alone", bare[-1]["calls"]),
            Figure("processor ms an account, the workers", _rounded(used * 1e3)),
            Figure(
                "processor ms an account, boto3 alone, one process",
                _rounded(min(each["processor_seconds"] for each in bare) / len(accounts) * 1e3),
            ),
            Figure("the same in as many processes as the workers are", _rounded(least * 1e3)),
            Figure("ratio of processor time", round(used / least, 2), _PROCESSOR_RATIO),
            Figure("seconds, the run by four workers", _rounded(wall)),
            Figure("seconds, boto3 alone", _rounded(bare_wall)),
            Figure("ratio of wall time", round(wall / bare_wall, 2), _WALL_RATIO),
        ],
    )


def _statements_a_task(readings: Readings, run: InventoryRun, account_ids: Sequence[str]) -> float:
    """Have the server log its calls while some accounts, and nothing else, are read."""
    from django.apps import apps
    from django.db import connection

    with connection.cursor() as cursor:
        # Not this process's own, which asks again and again whether the run has ended.
        cursor.execute("SET log_statement = 'none'")
        cursor.execute("ALTER SYSTEM SET log_statement = 'all'")
        cursor.execute("SELECT pg_reload_conf()")
    again = readings.read(run.connection, factor=NO_RATES, account_ids=account_ids)
    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM RESET log_statement")
        cursor.execute("SELECT pg_reload_conf()")
    # The server writes before it answers; the log book reads a little later.
    time.sleep(1)
    lines = (readings.folder / "logs" / "postgres.log").read_text(encoding="utf-8").splitlines()
    # Other workers follow a run with work of their own, such as guardrails.
    tables = [f'"{model._meta.db_table}"' for model in apps.get_models()]
    others = [table for table in tables if not table.startswith('"inventory_')]
    statements = sum(
        line.startswith("LOG:  statement: ") and not any(table in line for table in others)
        for line in lines
    )
    return _rounded(statements / again.run.tasks_total)


def _rounded(number: float) -> float:
    return round(number, 1)


_KINDS: Final = {
    "costs": _print_costs,
    "calls": _print_calls,
    "seeded": _print_seeded,
    "size": _print_size,
}

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
