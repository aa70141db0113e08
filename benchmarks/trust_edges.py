"""Edges of trust out of rows: all accounts at first, then only those of which something changed.

1,000 accounts, or `ORGWARDEN_BENCH_ACCOUNTS`, each with 50 roles and 20 resources with a policy,
under the SCPs of the organization that `demo/scale` makes up; then the first page of the list.
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
        for command in (["-m", "demo.new_database"], ["-m", "benchmarks.trust_refreshes"]):
            subprocess.run([sys.executable, *command], check=True, cwd=ROOT, env=environment)
