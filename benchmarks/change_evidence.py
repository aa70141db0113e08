"""How long the evidence of a change takes at 10,000 accounts, intermediate states included.

A PostgreSQL of its own is filled by `manage.py seed_scale`, with one principal an account. Where
`ORGWARDEN_BENCH_SEEDED` is set, the database of the environment is used: requests are added to it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.pages import servers
from demo.stack.state import ROOT

_ACCOUNTS: Final = "10000"


def run() -> None:
    """Measure in a process of its own, since Django can be set up for one database only."""
    if os.environ.get("ORGWARDEN_BENCH_SEEDED"):
        _measure(dict(os.environ))
        return
    with (
        tempfile.TemporaryDirectory(prefix="orgwarden bench ") as name,
        servers(Path(name)) as environment,
    ):
        print("\nSeeding 10,000 accounts", flush=True)
        subprocess.run(
            [
                *(sys.executable, "manage.py", "seed_scale"),
                *("--accounts", _ACCOUNTS, "--principals", _ACCOUNTS),
            ],
            check=True,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        _measure(environment)


def _measure(environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-m", "benchmarks.change_evidence_requests"],
        check=False,
        cwd=ROOT,
        env=environment,
    )
