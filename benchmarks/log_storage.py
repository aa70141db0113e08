"""Reading CloudTrail's files into the database: events a second, and what a month of one takes.

`ORGWARDEN_BENCH_EVENTS` says how many events are written first (300,000). The files come from this
machine's disk in place of S3; everything else is as a worker does it, with one reader. Sizes are of
tables with their indexes and after all is stored; a month is thirty days like those that the files
are of.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from unittest.mock import patch

from benchmarks.cloudtrail_logs import write_logs
from benchmarks.new_database import run_in_new_database
from benchmarks.tables import Figure, print_figures

_EVENTS: Final = int(os.environ.get("ORGWARDEN_BENCH_EVENTS", "300000"))
_TABLES: Final = {
    "usage by day": ("inventory_dailyusage",),
    "accesses and contexts": ("inventory_usedaccess", "inventory_usagecontext"),
    "calls by hour": ("inventory_hourlycalls",),
    "denials by day": ("inventory_dailydenial", "inventory_deniedcalls"),
    "ids of events": ("inventory_readevents",),
    "rows of files": ("inventory_logobject", "inventory_logday"),
}


def run() -> None:
    """Write files of events, store them in a new database, and print what that took."""
    run_in_new_database("benchmarks.log_storage")


def _measure() -> None:
    import django

    django.setup()
    # Models need a Django that is set up.
    from inventory.logs.files import LogFile, read_content
    from inventory.logs.kept_events import EventNames
    from inventory.logs.keys import parse_log_key
    from inventory.logs.listing import FoundFile, add_found
    from inventory.logs.reading import read_files
    from inventory.models import Connection, DailyUsage, LogSource

    with tempfile.TemporaryDirectory(prefix="orgwarden-bench-") as name:
        directory = Path(name)
        written = write_logs(directory, _EVENTS)
        paths = {str(path.relative_to(directory)): path for path in directory.rglob("*.gz")}
        connection = Connection.objects.create(
            name="Benchmark",
            slug="benchmark",
            organization_role_arn="arn:aws:iam::111111111111:role/Reader",
        )
        source = LogSource.objects.create(
            connection=connection,
            name="benchmark",
            bucket="benchmark",
            bucket_region="us-east-1",
            account_id="111111111111",
            read_from=date(2020, 1, 1),
        )
        now = datetime.now(UTC)
        found = [FoundFile(key, path.stat().st_size, now) for key, path in paths.items()]
        add_found(source, found, now=now, listed_at=now)

        def fetch(_s3: object, _bucket: str, key: str, also: EventNames) -> LogFile:
            return read_content(paths[key].read_bytes(), also)

        begun, used = time.perf_counter(), time.process_time()
        with (
            patch("inventory.logs.reading.fetch", fetch),
            patch("inventory.logs.reading.LogSession.client"),
        ):
            done = read_files(source_id=source.pk, clock=lambda: now)
        seconds, processor = time.perf_counter() - begun, time.process_time() - used
        keys = [parsed for key in paths if (parsed := parse_log_key(key)) is not None]
        days = len({(key.account_id, key.day) for key in keys})
        packed = sum(path.stat().st_size for path in paths.values())
    if done.events != written:
        raise AssertionError(f"{written} events were written and {done.events} stored")
    sizes = {noun: _megabytes(tables) for noun, tables in _TABLES.items()}
    print_figures(
        "CloudTrail's files: read and stored by one reader",
        [
            Figure("events", done.events),
            Figure("duplicates among them", done.duplicates),
            Figure("rows of usage by day", DailyUsage.objects.count()),
            Figure("seconds", seconds, is_seconds=True),
            Figure("events a second", round(done.events / seconds)),
            Figure("the reader's processor seconds", processor, is_seconds=True),
            Figure(
                "peak megabytes of the reader",
                resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
            ),
            Figure("days of accounts", days),
            Figure("events an account and month", round(done.events / days * 30)),
            Figure("MB an account and month, files as S3 holds them", packed / 1e6 / days * 30),
            # Accesses are of any number of days: they are stored once.
            *(
                Figure(
                    f"MB an account{' and month' if _grows(noun) else ''}, {noun}",
                    size / days * (30 if _grows(noun) else 1),
                )
                for noun, size in sizes.items()
            ),
        ],
    )


def _grows(noun: str) -> bool:
    return noun != "accesses and contexts"


def _megabytes(tables: Iterable[str]) -> float:
    """Return how much tables take, with their indexes and partitions."""
    from django.db import connection as database

    with database.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(name::regclass)) + coalesce(sum(("
            "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(name::regclass) "
            "WHERE isleaf AND relid <> name::regclass)), 0) FROM unnest(%s::text[]) AS name",
            [list(tables)],
        )
        (size,) = cursor.fetchone()
    return float(size or 0) / 1e6


if __name__ == "__main__":
    _measure()
