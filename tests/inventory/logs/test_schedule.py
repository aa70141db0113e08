"""What beat has done: sources listed when due, readers while files wait, old rows aged out."""

from datetime import timedelta
from uuid import uuid4

import pytest

from inventory.logs import schedule
from inventory.logs.aging import age_out_logs
from inventory.models import (
    DailyUsage,
    DeniedCalls,
    LogDay,
    LogObject,
    LogSource,
    ReadEvents,
    UnmappedCall,
    UsageContext,
    UsedAccess,
)
from inventory.store.usage import add_denials, add_usage
from tests.factories.logs import (
    DAY,
    LogDayFactory,
    LogObjectFactory,
    LogSourceFactory,
    at_noon,
    denial_record,
    usage_record,
)

pytestmark = pytest.mark.django_db
NOW = at_noon(DAY)


@pytest.fixture
def sent(monkeypatch):
    found = []

    def send_task(name, *, kwargs, **_):
        found.append((name, kwargs["source_id"]))

    monkeypatch.setattr("inventory.logs.schedule.current_app.send_task", send_task)
    return found


class TestSendDue:
    def test_has_a_source_listed_that_never_was_or_not_lately(self, sent):
        never = LogSourceFactory.create()
        LogSourceFactory.create(last_listed_at=NOW - timedelta(minutes=1))
        old = LogSourceFactory.create(last_listed_at=NOW - timedelta(minutes=6))
        LogSourceFactory.create(is_enabled=False)
        LogSourceFactory.create(connection__enabled=False)
        schedule.send_due(now=NOW)
        assert sent == [(schedule.LIST, never.pk), (schedule.LIST, old.pk)]

    def test_has_the_next_step_of_athena_taken_while_there_is_one(self, sent):
        athena = {"kind": LogSource.Kind.ATHENA, "athena_database": "logs"}
        athena |= {"athena_table": "cloudtrail", "athena_workgroup": "orgwarden"}
        due = LogSourceFactory.create(**athena)
        LogSourceFactory.create(**athena, read_from=NOW.date())
        schedule.send_due(now=NOW)
        assert sent == [(schedule.ASK, due.pk)]

    def test_has_as_many_readers_as_are_lacking_while_files_wait(self, sent, settings):
        settings.INVENTORY_LOG_READERS = 3
        source = LogSourceFactory.create(last_listed_at=NOW)
        LogObjectFactory.create(source=source)
        busy = {"claim": uuid4(), "claimed_until": NOW + timedelta(minutes=1)}
        LogObjectFactory.create_batch(2, source=source, **busy)
        schedule.send_due(now=NOW)
        assert sent == [(schedule.READ, source.pk)] * 2

    @pytest.mark.parametrize(
        "members",
        [
            {"state": "read"},
            {"state": "cut"},
            {"state": "denied", "retry_at": NOW + timedelta(minutes=1)},
            {"claim": uuid4(), "claimed_until": NOW + timedelta(minutes=1)},
        ],
        ids=["read", "cut", "denied until later", "claimed"],
    )
    def test_has_none_where_no_file_can_be_read(self, sent, members):
        source = LogSourceFactory.create(last_listed_at=NOW)
        LogObjectFactory.create(source=source, **members)
        schedule.send_due(now=NOW)
        assert sent == []


class TestAgeOutLogs:
    def test_deletes_each_kind_after_its_days_and_no_sooner(self, settings):
        settings.INVENTORY_USAGE_DAYS = 100
        source = LogSourceFactory.create()
        connection = source.connection
        old, last = DAY - timedelta(days=101), DAY - timedelta(days=100)
        add_usage(
            connection,
            [usage_record(day=old, action="s3:PutObject", context={}), usage_record(day=last)],
        )
        for day in (old, last):
            LogDayFactory.create(source=source, day=day)
            UnmappedCall.objects.create(
                connection=connection, day=day, event_source="a", event_name="b", count=1
            )
        for back in (14, 15):
            read_on = DAY - timedelta(days=back)
            ReadEvents.objects.create(
                connection=connection, account_id="1", hour=1, ids=b"", read_on=read_on
            )
        for day in (last, last - timedelta(days=1)):
            add_denials(connection, [denial_record(day=day)])
        age_out_logs(now=NOW)
        assert {row.day for row in DeniedCalls.objects.all()} == {last}
        assert [row.day for row in DailyUsage.objects.all()] == [last]
        assert [row.action for row in UsedAccess.objects.all()] == ["s3:GetObject"]
        assert UsageContext.objects.count() == 1
        assert [row.day for row in LogDay.objects.all()] == [last]
        assert [row.day for row in UnmappedCall.objects.all()] == [last]
        assert [row.read_on for row in ReadEvents.objects.all()] == [DAY - timedelta(days=14)]
        add_usage(connection, [usage_record()])
        assert DailyUsage.objects.get(day=DAY).count == 3

    def test_leaves_files_that_the_next_listing_would_take_for_new(self):
        quiet, busy = LogSourceFactory.create(), LogSourceFactory.create()
        days = [DAY - timedelta(days=back) for back in (40, 41, 42, 43)]
        for source in (quiet, busy):
            for day in days:
                LogObjectFactory.create(source=source, day=day, state="read")
                LogDayFactory.create(source=source, day=day)
        LogObjectFactory.create(source=busy, day=days[3])
        LogDayFactory.create(source=busy, day=DAY)
        age_out_logs(now=NOW)
        left = LogObject.objects.filter(source=quiet).values_list("day", flat=True)
        assert sorted(left, reverse=True) == days[:3]
        assert [row.state for row in LogObject.objects.filter(source=busy)] == ["waiting"]
