"""What coverage writes: rows, updates and bytes a run, of accounts, groups and regions.

The store's own functions write runs of made-up collectors: 20 groups, each with one that asks for
regions and one that reads in 17 of them, in 150 accounts or `ORGWARDEN_BENCH_ACCOUNTS`. While
nothing changes the number of accounts does not count: no row is new but the run's own.
"""

from __future__ import annotations

from benchmarks.new_database import run_in_new_database


def run() -> None:
    """Measure in a process of its own."""
    run_in_new_database("benchmarks.coverage_runs")
