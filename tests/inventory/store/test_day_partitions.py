"""Partitions of days: made when needed, dropped with their rows, and never in the way."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection as database
from django.db import transaction

from inventory.models import DailyUsage, LoggedEvent
from inventory.models.day_partitions import PARTITIONED, add_day_partition, drop_days_before
from inventory.store.usage import add_usage
from tests.factories.connections import ConnectionFactory
from tests.factories.logs import DAY, at_noon, usage_record

pytestmark = pytest.mark.django_db
USAGE = "inventory_dailyusage"


def rows_of(table):
    with database.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
        return cursor.fetchone()[0]


def test_a_day_without_a_partition_is_stored_and_moves_into_it_when_it_is_made():
    connection = ConnectionFactory.create()
    add_usage(connection, [usage_record(), usage_record(day=DAY + timedelta(days=1))])
    assert rows_of(f"{USAGE}_default") == 2
    assert add_day_partition(USAGE, DAY)
    assert not add_day_partition(USAGE, DAY)
    assert (rows_of(f"{USAGE}_default"), rows_of(f"{USAGE}_d20260504")) == (1, 1)
    add_usage(connection, [usage_record()])
    assert DailyUsage.objects.get(day=DAY).count == 6


def test_earlier_days_are_dropped_wherever_they_are():
    connection = ConnectionFactory.create()
    days = [DAY - timedelta(days=back) for back in range(4)]
    add_usage(connection, [usage_record(day=day) for day in days])
    for day in days[:2]:
        add_day_partition(USAGE, day)
    assert drop_days_before(USAGE, DAY) == 1
    assert list(DailyUsage.objects.values_list("day", flat=True)) == [DAY]


def test_every_partitioned_table_takes_rows_before_and_after():
    connection = ConnectionFactory.create()
    event = {
        "connection": connection, "at": at_noon(DAY), "day": DAY, "account_id": "1",
        "event_source": "iam.amazonaws.com", "event_name": "CreateUser", "principal": "p",
        "event": {},
    }  # fmt: skip
    first = LoggedEvent.objects.create(event_id="1", **event)
    assert all(add_day_partition(table, DAY) for table in PARTITIONED)
    second = LoggedEvent.objects.create(event_id="2", **event)
    assert second.pk > first.pk
    assert LoggedEvent.objects.count() == 2


def test_no_other_table_is_touched():
    with pytest.raises(ValueError, match="no partitions of days"):
        add_day_partition("inventory_connection", DAY)
    with pytest.raises(ValueError, match="no partitions of days"):
        drop_days_before("inventory_connection", DAY)


@pytest.mark.django_db(transaction=True)
def test_two_that_make_a_partition_at_once_make_one():
    made = []

    def make():
        try:
            made.append(add_day_partition(USAGE, DAY))
        finally:
            database.close()

    # Another test may have committed it.
    drop_days_before(USAGE, DAY + timedelta(days=1))
    other = Thread(target=make)
    with transaction.atomic():
        made.append(add_day_partition(USAGE, DAY))
        other.start()
        while not waits_for_an_advisory_lock():
            pass
    other.join()
    assert made == [True, False]
    drop_days_before(USAGE, DAY + timedelta(days=1))


def waits_for_an_advisory_lock():
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype='advisory' AND NOT granted")
        return bool(cursor.fetchone()[0])
