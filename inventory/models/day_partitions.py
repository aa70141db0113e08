"""Tables with a partition for each day: rows of a day go at once, by dropping its partition.

A row of a day that has no partition is in the table's default one, so that nothing fails where a
partition is missing; making it later moves such rows. The application's role may not create tables,
so that functions of the tables' owner do it, for these tables and for days alone.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from django.db import ProgrammingError, transaction
from django.db import connection as database
from psycopg2.errors import DuplicateTable

_LONGEST_AGO: Final = timedelta(days=400)
# Table → the column with its day.
PARTITIONED: Final = {
    "inventory_dailyusage": "day",
    "inventory_dailydenial": "day",
    "inventory_loggedevent": "day",
    "inventory_readevents": "read_on",
}


def add_day_partition(table: str, day: date) -> bool:
    """Make the partition of a day, with the rows of it that are stored already; False: it is there.

    Another process that makes it at the same time is waited for.
    :raises ValueError: the table has no partitions of days.
    """
    try:
        with transaction.atomic():
            return bool(_called("SELECT inventory_add_day_partition(%s, %s)", _known(table), day))
    except ProgrammingError as error:
        # PostgreSQL may remember from before the wait that there is no such table.
        if isinstance(error.__cause__, DuplicateTable):
            return False
        raise


def add_partitions_about(table: str, days: Iterable[date], now: datetime) -> None:
    """Make the partitions of those days that lie about now: from 400 days ago to tomorrow."""
    for day in days:
        if timedelta(days=-1) <= now.date() - day <= _LONGEST_AGO:
            add_day_partition(table, day)


def drop_days_before(table: str, day: date) -> int:
    """Delete all rows of earlier days; return how many partitions were dropped.

    :raises ValueError: the table has no partitions of days.
    """
    return int(_called("SELECT inventory_drop_days_before(%s, %s)", _known(table), day))


def _known(table: str) -> str:
    if table not in PARTITIONED:
        raise ValueError(f"{table} has no partitions of days")
    return table


def _called(statement: str, table: str, day: date) -> int:
    with database.cursor() as cursor:
        cursor.execute(statement, [table, day])
        (found,) = cursor.fetchone()
    return int(found)
