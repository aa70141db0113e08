"""Drift of a run in which 1 % of the accounts changed, of 10,000 or `ORGWARDEN_BENCH_ACCOUNTS`.

All of it at first, then what a run changed: moved accounts, each weighed by what it newly allows
and denies, and an SCP that was edited.
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
        for command in (["-m", "demo.new_database"], ["-m", "benchmarks.drift_refreshes"]):
            subprocess.run([sys.executable, *command], check=True, cwd=ROOT, env=environment)
