"""`python -m benchmarks.drift_refreshes`: find drift in the environment's database."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import django

from benchmarks.tables import Figure, print_figures

if TYPE_CHECKING:
    from inventory.models import Connection

_ACCOUNTS: Final = int(os.environ.get("ORGWARDEN_BENCH_ACCOUNTS", "10000"))
_TARGET: Final = 5.0
_APART: Final = frozenset({"id", "connection", "seen_from", "seen_until"})


def main() -> None:
    """Seed, agree to what is, change 1 % and look for drift; print the table."""
    django.setup()
    from django.utils import timezone

    from demo.scale.seeding import SLUG, seed
    from demo.scale.shape import Shape
    from governance.baseline.structure.collected import collected_structure
    from governance.baseline.structure.document import document_digest
    from governance.baseline.structure.models import BaselineVersion
    from governance.drift.finding import refresh_drift
    from inventory.models import Connection, InventoryRun

    shape = Shape(
        ended_at=timezone.now(),
        accounts=_ACCOUNTS,
        principals=1000,
        recorded_runs=1,
        covers_accounts=False,
    )
    seed(shape, tell=lambda _: None)
    connection = Connection.objects.get(slug=SLUG)
    document = collected_structure(connection).as_json()
    BaselineVersion.objects.create(
        connection=connection,
        number=1,
        document=document,
        digest=document_digest(document),
        source=BaselineVersion.Source.CHANGE,
        made_at=timezone.now(),
    )
    figures: list[Figure] = []

    def refreshed(name: str, target: float | None = None) -> None:
        used = time.process_time()
        done = refresh_drift(connection, now=timezone.now())
        figures.append(Figure(f"{name}: seconds", time.process_time() - used, target, True))
        figures.append(Figure(f"{name}: subjects compared", done.looked_at))
        figures.append(Figure(f"{name}: items that appeared", done.appeared))

    refreshed("first, all of it")
    moment = timezone.now()
    changed = _move_accounts(connection, moment)
    InventoryRun.objects.create(
        connection=connection,
        trigger=InventoryRun.Trigger.SCHEDULE,
        state=InventoryRun.State.COMPLETE,
        requested_at=moment,
        started_at=moment,
        finished_at=moment + timedelta(minutes=1),
    )
    refreshed(f"{changed:,} accounts moved", _TARGET)
    refreshed("nothing changed since")
    print_figures(f"Drift of {_ACCOUNTS:,} accounts, processor time", figures)


def _move_accounts(connection: Connection, moment: datetime) -> int:
    """Move 1 % of the accounts into another OU as a run at `moment` would store it."""
    from inventory.models import Account, OrganizationalUnit

    held = {"connection": connection, "seen_until": None}
    units = list(OrganizationalUnit.objects.filter(**held).order_by("target_id"))
    rows = list(Account.objects.filter(**held).order_by("account_id")[::100])
    for number, row in enumerate(rows):
        unit = units[(number * 7) % len(units)]
        if unit.target_id == row.parent_id:
            unit = units[(number * 7 + 1) % len(units)]
        row.seen_until = moment
        row.save(update_fields=["seen_until"])
        values = {
            field.attname: getattr(row, field.attname)
            for field in row._meta.concrete_fields
            if field.name not in _APART
        }
        values |= {"parent_id": unit.target_id, "path": unit.path, "fingerprint": f"{number:064d}"}
        Account.objects.create(connection=connection, seen_from=moment, **values)
    return len(rows)


if __name__ == "__main__":
    main()
