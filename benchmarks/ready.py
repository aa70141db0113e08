"""How soon after a run has ended the ceilings of all accounts are there, and what else is computed.

Each is measured in processes of its own, as a web process meets a state of the organization that
it has not seen: rows read, policies compiled, a ceiling for every account. Measured on the
database of `benchmarks.pages`: seeded, or one that is there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

from benchmarks.pages import seeded_servers
from benchmarks.tables import Row, print_table
from demo.stack.state import ROOT

_PROCESSES: Final = 5
_SLUG: Final = "scale"
_ACCOUNTS: Final = 10_000
# The part's name, and its target in seconds.
_PARTS: Final = (
    ("rows read", None),
    ("policies compiled, trees of SCPs and RCPs", None),
    ("a ceiling for each account", None),
    ("all of these", 5.0),
    ("the same at once, from a page's first request", 5.0),
)


def run() -> None:
    """Measure some processes, one after the other."""
    with seeded_servers() as environment:
        _measure(environment)


def _measure(environment: Mapping[str, str]) -> None:
    found: dict[str, list[float]] = {name: [] for name, _ in _PARTS}
    for _ in range(_PROCESSES):
        for name, seconds in _in_a_process("parts", environment).items():
            found[name].append(seconds)
        for name, seconds in _in_a_process("page", environment).items():
            found[name].append(seconds)
    print_table(
        f"Ceilings of {_ACCOUNTS:,} accounts in {_PROCESSES} fresh processes, from a run's end",
        [Row(name, tuple(found[name]), target) for name, target in _PARTS],
    )


def _in_a_process(what: str, environment: Mapping[str, str]) -> dict[str, float]:
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.ready", what],
        check=True,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(finished.stdout.splitlines()[-1])
    return found


def _parts() -> dict[str, float]:
    from time import perf_counter

    from governance.posture.ceilings.organization_ceilings import (
        organization_ceilings,
    )
    from governance.posture.ceilings.usual import usual_assumptions
    from governance.posture.state import organization as posture
    from governance.posture.state.organization_rows import read_rows
    from inventory.models import Connection
    from inventory.viewing import Viewer

    viewer = Viewer(sees_inventory=True)
    connection = Connection.objects.get(slug=_SLUG)
    times = [perf_counter()]
    read_rows(viewer, connection=connection, as_of=None)
    times.append(perf_counter())
    organization = posture.load_organization(viewer, connection=connection)
    times.append(perf_counter())
    ceilings = organization_ceilings(
        organization, usual_assumptions(organization, connection.home_region).read([])
    )
    made = [ceilings.of(account_id) for account_id in organization.account_ids]
    times.append(perf_counter())
    if len(made) != _ACCOUNTS:
        raise SystemExit(f"{len(made):,} accounts have a ceiling, not {_ACCOUNTS:,}")
    read, loaded, bounded = (after - before for before, after in pairwise(times))
    # The second step reads the rows again before it compiles.
    names = [name for name, _ in _PARTS]
    return dict(zip(names, (read, loaded - read, bounded, loaded + bounded), strict=False))


def _page() -> dict[str, float]:
    from time import perf_counter

    from django.test import Client

    from benchmarks.pages_requests import reader
    from governance.posture.ceilings.organization_ceilings import (
        organization_ceilings,
    )
    from governance.posture.ceilings.usual import usual_assumptions
    from governance.posture.state.organization import load_organization
    from inventory.models import Account, Connection
    from inventory.viewing import Viewer

    connection = Connection.objects.get(slug=_SLUG)
    account = Account.objects.filter(connection=connection, seen_until=None).earliest("account_id")
    client = Client(SERVER_NAME="localhost")
    client.force_login(reader())
    began = perf_counter()
    response = client.get(f"/o/{_SLUG}/accounts/{account.account_id}/ceiling/")
    if response.status_code != 200:
        raise SystemExit(f"the page answers {response.status_code}")
    organization = load_organization(Viewer(sees_inventory=True), connection=connection)
    ceilings = organization_ceilings(
        organization, usual_assumptions(organization, connection.home_region).read([])
    )
    for account_id in organization.account_ids:
        ceilings.of(account_id)
    return {_PARTS[-1][0]: perf_counter() - began}


def _main(what: str) -> int:
    import django

    django.setup()
    measures: dict[str, Any] = {"parts": _parts, "page": _page}
    print(json.dumps(measures[what]()))
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1]))
