"""What coverage writes: rows, updates and bytes a run, of accounts, groups and regions.

The store's own functions write runs of made-up collectors: 20 groups, each with one that asks for
regions and one that reads in 17 of them, in 150 accounts or `ORGWARDEN_BENCH_ACCOUNTS`. While
nothing changes the number of accounts does not count: no row is new but the run's own.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.pages import servers
from demo.stack.state import ROOT


def run() -> None:
    """Measure in a process of its own, since Django can be set up for one database only."""
    with (
        tempfile.TemporaryDirectory(prefix="orgwarden bench ") as name,
        servers(Path(name)) as environment,
    ):
        for command in (["-m", "demo.new_database"], ["-m", "benchmarks.coverage_runs"]):
            subprocess.run([sys.executable, *command], check=True, cwd=ROOT, env=environment)
