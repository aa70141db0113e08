"""What reading an organization costs: calls to AWS, time, processor, memory, rows, statements.

Each organization is read as `make demo` reads it: a stack of its own with the simulator, PostgreSQL
and Celery's workers, two of them for the inventory.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from demo.stack.aside import DEMO_ORGANIZATION
from demo.stack.state import ROOT

LARGE_ORGANIZATION = ROOT.parent / "shared" / "data" / "moj-organization" / "organization.json"


def run() -> None:
    """Measure the demo organization, and a large one where its file is beside the repository."""
    _measure("the demo organization", DEMO_ORGANIZATION)
    if LARGE_ORGANIZATION.exists():
        _measure("an organization of hundreds of accounts", LARGE_ORGANIZATION)
    else:
        print(f"\nNot measured: a large organization, since {LARGE_ORGANIZATION} is absent")


def _measure(name: str, organization: Path) -> None:
    print(f"\nReading {name}", flush=True)
    # A process of its own, since Django can be set up for one database only.
    subprocess.run(
        [sys.executable, "-m", "benchmarks.inventory_runs", str(organization)], check=True, cwd=ROOT
    )
