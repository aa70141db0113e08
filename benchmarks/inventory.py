"""What reading an organization costs: calls to AWS, time, processor, memory, rows, statements.

Each organization is read as `make demo` reads it: a stack of its own with the simulator, PostgreSQL
and Celery's workers, four processes of them for the inventory.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.inventory_roles import write_organization_of_roles
from demo.stack.aside import DEMO_ORGANIZATION
from demo.stack.state import ROOT

_ACCOUNTS = 20
_ROLES = 51
_SEEDED = int(os.environ.get("ORGWARDEN_BENCH_ACCOUNTS", "1000"))
_SEEDED_ROLES = 20
LARGE_ORGANIZATION = ROOT.parent / "shared" / "data" / "moj-organization" / "organization.json"


def run() -> None:
    """Measure the demo organization, made-up ones, and a large one where it is.

    Of the made-up ones one has many roles, and one `ORGWARDEN_BENCH_ACCOUNTS`, 1,000 if not set.
    """
    _measure("costs", "the demo organization", DEMO_ORGANIZATION)
    with tempfile.TemporaryDirectory(prefix="orgwarden bench ") as name:
        write_organization_of_roles(Path(name), accounts=_ACCOUNTS, roles=_ROLES)
        _measure("calls", f"{_ACCOUNTS} accounts of {_ROLES} roles", Path(name))
    with tempfile.TemporaryDirectory(prefix="orgwarden bench ") as name:
        write_organization_of_roles(
            Path(name), accounts=_SEEDED, roles=_SEEDED_ROLES, reads_all=True
        )
        _measure("seeded", f"{_SEEDED:,} accounts with all collectors", Path(name))
    if LARGE_ORGANIZATION.exists():
        _measure("size", "an organization of hundreds of accounts", LARGE_ORGANIZATION)
    else:
        print(f"\nNot measured: a large organization, since {LARGE_ORGANIZATION} is absent")


def _measure(kind: str, name: str, organization: Path) -> None:
    print(f"\nReading {name}", flush=True)
    # A process of its own, since Django can be set up for one database only.
    subprocess.run(
        [sys.executable, "-m", "benchmarks.inventory_runs", kind, str(organization)],
        check=True,
        cwd=ROOT,
    )
