"""`python -m benchmarks.coverage_runs`: store runs in the environment's database, print tables."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import django

from benchmarks.tables import Figure, print_figures

if TYPE_CHECKING:
    from inventory.models import CollectionTask, Connection, InventoryRun
    from inventory.store.covered import Covered

_ACCOUNTS: Final = int(os.environ.get("ORGWARDEN_BENCH_ACCOUNTS", "150"))
_GROUPS: Final = 20
_REGIONS: Final = tuple(f"eu-made-{number}" for number in range(1, 18))
_UNCHANGED_RUNS: Final = 3
_RUNS_A_DAY: Final = 24
_LARGE: Final = 10_000
_BEGAN_AT: Final = datetime(2026, 11, 1, tzinfo=UTC)
_TABLES: Final = (
    *("inventory_collectiontask", "inventory_groupcoverage", "inventory_accountcoverage"),
    *("inventory_groupcoveragespan", "inventory_coverage", "inventory_collectedspan"),
    "inventory_inventoryrun",
)


@dataclass
class Written:
    """What a run wrote, all tables together, and how long it took."""

    inserted: int = 0
    updated: int = 0
    updated_in_place: int = 0
    wal_bytes: int = 0
    seconds: float = 0.0
    table_bytes: int = field(default=0)


def main() -> None:
    """Store the first run, unchanged ones, and one in which an account in a hundred is refused."""
    django.setup()
    from inventory.models import Connection

    connection = Connection.objects.create(
        name="Coverage", slug="coverage", organization_role_arn="arn:aws:iam::111111111111:role/r"
    )
    first = _run(connection, 0)
    unchanged = [_run(connection, number) for number in range(1, 1 + _UNCHANGED_RUNS)]
    refused = _run(connection, 1 + _UNCHANGED_RUNS, refused=max(1, _ACCOUNTS // 100))
    cells = _ACCOUNTS * _GROUPS * (1 + len(_REGIONS))
    usual = unchanged[-1]
    print_figures(
        f"Coverage of {_ACCOUNTS:,} accounts, {_GROUPS} groups, {len(_REGIONS)} regions: "
        f"{cells:,} collectors a run",
        [
            Figure("rows of the first run", first.inserted),
            Figure("new rows of an unchanged run, itself included", usual.inserted, 1),
            Figure(
                f"new rows a day, hourly, nothing changing, {_LARGE:,} accounts",
                max(each.inserted for each in unchanged) * _RUNS_A_DAY,
                10_000,
            ),
            Figure(
                f"at a row a collector and run it would be, {_LARGE:,} accounts",
                _LARGE * _GROUPS * (1 + len(_REGIONS)) * _RUNS_A_DAY,
            ),
            Figure("updates of an unchanged run, a task", round(usual.updated / _tasks(), 2)),
            Figure(
                "of these in place, touching no index, %",
                round(100 * usual.updated_in_place / usual.updated, 1),
            ),
            Figure("WAL of an unchanged run, bytes a task", round(usual.wal_bytes / _tasks())),
            Figure("time of an unchanged run, ms a task", _milliseconds(usual)),
            Figure("tables and indexes after the first run, bytes a task", _size(first)),
            Figure("the same after all runs", _size(refused)),
            Figure("new rows where an account in a hundred is refused", refused.inserted),
        ],
    )


def _tasks() -> int:
    return _ACCOUNTS * _GROUPS


def _milliseconds(written: Written) -> float:
    return round(1000 * written.seconds / _tasks(), 2)


def _size(written: Written) -> int:
    return round(written.table_bytes / _tasks())


def _run(connection: Connection, number: int, *, refused: int = 0) -> Written:
    """Store one run as its tasks do, and return what it wrote."""
    from django.db import transaction

    from inventory.models import CollectionTask, InventoryRun
    from inventory.runs.ending import finish_run
    from inventory.runs.group_tasks import write_tasks
    from inventory.store.coverage import keep_coverage

    at = _BEGAN_AT + timedelta(hours=number)
    account_ids = [f"{200_000_000_000 + place}" for place in range(_ACCOUNTS)]
    with _written() as written:
        run = InventoryRun.objects.create(
            connection=connection,
            trigger=InventoryRun.Trigger.SCHEDULE,
            state=InventoryRun.State.RUNNING,
            requested_at=at,
            started_at=at,
            tasks_total=_tasks(),
        )
        parts = [(each, f"group{group}") for each in account_ids for group in range(_GROUPS)]
        write_tasks(_task(run, account_id, group, at) for account_id, group in parts)
        for place, (account_id, group) in enumerate(parts):
            tasks = CollectionTask.objects.filter(
                connection=connection, account_id=account_id, group=group
            )
            with transaction.atomic():
                tasks.update(state=CollectionTask.State.RUNNING, started_at=at, attempts=1)
            with transaction.atomic():
                denied = place // _GROUPS < refused
                covered = list(_covered(group, at, denied=denied))
                tasks.update(state=CollectionTask.State.COMPLETE, finished_at=at)
                keep_coverage({(account_id, group): covered}, run=run)
        finish_run(run_id=run.pk, now=at + timedelta(minutes=20))
    return written


def _task(run: InventoryRun, account_id: str, group: str, at: datetime) -> CollectionTask:
    from inventory.models import CollectionTask

    return CollectionTask(
        connection_id=run.connection_id, run=run, account_id=account_id, group=group, sent_at=at
    )


def _covered(group: str, at: datetime, *, denied: bool) -> Iterator[Covered]:
    from inventory.store.covered import Covered

    state = "denied" if denied else "complete"
    message = "the role may not be assumed" if denied else ""
    yield Covered(
        f"{group}.regions", "global", state, at, message=message, calls={"account:ListRegions": 1}
    )
    for place, region in enumerate(_REGIONS):
        read = {"records": 3, "calls": {"made:List": 1, "made:Get": 3}, "seconds": 0.2}
        took = read if place < 3 and not denied else {}
        yield Covered(f"{group}.things", region, state, at, message=message, **took)  # type: ignore[arg-type]


@contextmanager
def _written() -> Iterator[Written]:
    """Measure what is written inside."""
    written = Written()
    before, wal = _counts(), _wal()
    began = time.perf_counter()
    yield written
    written.seconds = time.perf_counter() - began
    written.wal_bytes = _wal() - wal
    # The server tells its counts a moment after a transaction has ended.
    time.sleep(2)
    after = _counts()
    written.inserted, written.updated, written.updated_in_place = (
        new - old for new, old in zip(after, before, strict=True)
    )
    written.table_bytes = _asked(
        "SELECT SUM(pg_total_relation_size(name::regclass)) FROM unnest(%s) AS name",
        [list(_TABLES)],
    )[0]


def _counts() -> tuple[int, ...]:
    return tuple(
        int(each)
        for each in _asked(
            "SELECT SUM(n_tup_ins), SUM(n_tup_upd), SUM(n_tup_hot_upd) FROM pg_stat_user_tables "
            "WHERE relname = ANY(%s)",
            [list(_TABLES)],
        )
    )


def _wal() -> int:
    return int(_asked("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')", [])[0])


def _asked(statement: str, given: list[Any]) -> tuple[int, ...]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(statement, given)
        found: tuple[int, ...] = cursor.fetchone()
    return found


if __name__ == "__main__":
    main()
