"""Drift of a run in which 1 % of the accounts changed, of 10,000 or `ORGWARDEN_BENCH_ACCOUNTS`.

All of it at first, then what a run changed: moved accounts, each weighed by what it newly allows
and denies.
"""

from __future__ import annotations

from benchmarks.new_database import run_in_new_database


def run() -> None:
    """Measure in a process of its own."""
    run_in_new_database("benchmarks.drift_refreshes")
