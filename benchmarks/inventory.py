"""What reading an organization costs: calls to AWS, time, processor, memory, rows, statements.

Each organization is read as `make demo` reads it: a stack of its own with the simulator, PostgreSQL
and Celery's workers, four processes of them for the inventory.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.inventory_roles import write_organization_of_roles
from demo.stack.aside import DEMO_ORGANIZATION
from demo.stack.state import ROOT

_ACCOUNTS = 20
_ROLES = 51
_SEEDED = int(os.environ.get("ORGWARDEN_BENCH_ACCOUNTS", "0"))
_SEEDED_ROLES = 20
_KINDS = ("calls", "costs", "size", "seeded")
_CHOSEN = os.environ.get("ORGWARDEN_BENCH_PARTS", ",".join(_KINDS)).split(",")
LARGE_ORGANIZATION = ROOT.parent / "shared" / "data" / "moj-organization" / "organization.json"


def run() -> None:
    """Measure one part after the other, or those of `ORGWARDEN_BENCH_PARTS`, with commas between.

    `calls`: accounts of many roles. `costs`: the demo organization. `size`: a large organization
    where it is. `seeded`: as many accounts as `ORGWARDEN_BENCH_ACCOUNTS` says, all read whole.
    A part that fails keeps no other from being measured.
    """
    failed = [
        kind
        for kind, name, organization in _parts()
        if kind in _CHOSEN and not _is_measured(kind, name, organization)
    ]
    if failed:
        sys.exit(f"these parts failed: {', '.join(failed)}")


def _parts() -> Iterator[tuple[str, str, Path]]:
    """Yield each kind of measurement with the name and the place of what is read."""
    with tempfile.TemporaryDirectory(prefix="orgwarden bench ") as name:
        write_organization_of_roles(Path(name), accounts=_ACCOUNTS, roles=_ROLES)
        yield "calls", f"{_ACCOUNTS} accounts of {_ROLES} roles", Path(name)
    yield "costs", "the demo organization", DEMO_ORGANIZATION
    if LARGE_ORGANIZATION.exists():
        yield "size", "an organization of hundreds of accounts", LARGE_ORGANIZATION
    else:
        print(f"\nNot measured: a large organization, since {LARGE_ORGANIZATION} is absent")
    if not _SEEDED:
        print("\nNot measured: `seeded`, since ORGWARDEN_BENCH_ACCOUNTS is not set")
        return
    with tempfile.TemporaryDirectory(prefix="orgwarden bench ") as name:
        write_organization_of_roles(
            Path(name), accounts=_SEEDED, roles=_SEEDED_ROLES, reads_all=True
        )
        yield "seeded", f"{_SEEDED:,} accounts with all collectors", Path(name)


def _is_measured(kind: str, name: str, organization: Path) -> bool:
    print(f"\nReading {name}", flush=True)
    # A process of its own, since Django can be set up for one database only.
    ended = subprocess.run(
        [sys.executable, "-u", "-m", "benchmarks.inventory_runs", kind, str(organization)],
        check=False,
        cwd=ROOT,
    )
    return ended.returncode == 0
