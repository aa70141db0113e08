"""Edges of trust out of rows: all accounts at first, then only those of which something changed.

1,000 accounts, or `ORGWARDEN_BENCH_ACCOUNTS`, each with 50 roles and 20 resources with a policy,
under the SCPs of the organization that `demo/scale` makes up; then the first page of the list.
"""

from __future__ import annotations

from benchmarks.new_database import run_in_new_database


def run() -> None:
    """Measure in a process of its own."""
    run_in_new_database("benchmarks.trust_refreshes")
