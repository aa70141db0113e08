"""Files of a bucket → usage: each event once, whatever is wrong with the files."""

from datetime import timedelta

import pytest
from django.db import connection as database

from inventory.logs.listing import list_source
from inventory.logs.reading import read_files
from inventory.models import DailyDenial, DailyUsage, LogDay, LoggedEvent, LogObject, UnmappedCall
from inventory.signals import logs_were_read
from tests.factories.logs import DAY, MEMBER
from tests.inventory.logs.bucket import key_of, member_event, packed, put, put_events, s3


def read(source, now):
    list_source(source_id=source.pk, now=now)
    return read_files(source_id=source.pk, clock=lambda: now)


def counted():
    """Return calls by action and day."""
    rows = DailyUsage.objects.select_related("access").order_by("day", "access__action")
    return {(row.access.action, row.day): (row.count, row.denied) for row in rows}


def test_counts_what_the_files_of_all_accounts_and_regions_hold(source, now):
    put_events(source, 1, [member_event(1), member_event(2)])
    put_events(source, 2, [member_event(3)], region="eu-west-1")
    put_events(source, 2, [member_event(4)], account="444444444444")
    put(source, f"{source.root}{MEMBER}/CloudTrail-Digest/us-east-1/2026/05/04/x.json.gz", b"{}")
    found = read(source, now)
    assert (found.files, found.events, found.duplicates) == (3, 4, 0)
    assert counted() == {("ec2:DescribeInstances", DAY): (4, 0)}
    days = LogDay.objects.values_list("account_id", "region", "objects_read", "events")
    assert set(days) == {
        (MEMBER, "us-east-1", 1, 2),
        (MEMBER, "eu-west-1", 1, 1),
        ("444444444444", "us-east-1", 1, 1),
    }


def test_listing_and_reading_again_counts_nothing_twice(source, now):
    put_events(source, 1, [member_event(1)])
    read(source, now)
    assert read(source, now + timedelta(hours=1)).files == 0
    assert counted() == {("ec2:DescribeInstances", DAY): (1, 0)}
    source.refresh_from_db()
    assert (source.last_listed_at, source.problem) == (now + timedelta(hours=1), "")


def test_an_event_delivered_in_several_files_counts_once_however_they_are_read(source, now):
    put_events(source, 1, [member_event(1), member_event(1)])
    put_events(source, 2, [member_event(1), member_event(2)])
    first = read(source, now)
    put_events(source, 3, [member_event(2), member_event(3)], region="eu-west-1")
    second = read(source, now + timedelta(hours=1))
    assert (first.events, first.duplicates, second.duplicates) == (4, 2, 1)
    assert counted() == {("ec2:DescribeInstances", DAY): (3, 0)}


def test_a_late_file_of_an_earlier_day_is_found_and_counts_on_its_events_day(source, now):
    before = DAY - timedelta(days=1)
    put_events(source, 1, [member_event(1)])
    read(source, now)
    put_events(source, 2, [member_event(2, eventTime="2026-05-03T23:59:00Z")], day=before)
    read(source, now)
    assert counted() == {
        ("ec2:DescribeInstances", before): (1, 0),
        ("ec2:DescribeInstances", DAY): (1, 0),
    }


def test_denials_unmapped_calls_and_events_that_guard_the_organization_are_stored(source, now):
    denied = member_event(
        1, errorCode="AccessDenied",
        errorMessage="User: arn:aws:sts::1:assumed-role/a is not authorized to perform: "
        "ec2:DescribeInstances with an explicit deny in a service control policy",
    )  # fmt: skip
    written = member_event(
        2, eventSource="iam.amazonaws.com", eventName="CreateUser",
        requestParameters={"userName": "jo\0"}, responseElements={"user": {"userName": "jo"}},
    )  # fmt: skip
    unmapped = member_event(3, eventSource="new.amazonaws.com", eventName="Begin")
    sent = []
    logs_were_read.connect(lambda **given: sent.append(given), weak=False, dispatch_uid="test")
    try:
        put_events(source, 1, [denied, written, unmapped])
        read(source, now)
    finally:
        logs_were_read.disconnect(dispatch_uid="test")
    assert DailyDenial.objects.get().policy_type == "service control policy"
    assert UnmappedCall.objects.get().event_name == "Begin"
    event = LoggedEvent.objects.get()
    assert event.event["responseElements"] == {"user": {"userName": "jo"}}
    assert (event.event_id, event.principal) == (
        written["eventID"],
        "arn:aws:iam::111122223333:role/team/Dev",
    )
    assert [(each["organization_id"], each["days"], each["event_ids"]) for each in sent] == [
        (source.connection_id, (DAY,), (written["eventID"],))
    ]
    assert LogDay.objects.get().unmapped == 1


@pytest.mark.parametrize(
    ("content", "state", "why", "events"),
    [
        (packed([member_event(1), member_event(2)])[:-9], "cut", "ends early", 2),
        (b"\x1f\x8b\x08\x00garbage that is not a gzip", "cut", "broken", 0),
        (b"plain words", "unreadable", "this is not JSON", 0),
        (b"", "unreadable", "the file is empty", 0),
        (packed([]), "read", "", 0),
    ],
    ids=["cut short", "broken gzip", "no gzip", "empty", "no events"],
)
def test_a_file_that_is_not_in_order_says_what_is_wrong(source, now, content, state, why, events):
    key = key_of(source, 1)
    put(source, key, content)
    put_events(source, 2, [member_event(9)])
    read(source, now)
    file = LogObject.objects.get(key=key)
    assert (file.state, file.events) == (state, events)
    assert why in file.why
    assert sum(count for count, _ in counted().values()) == events + 1


def test_a_file_deleted_before_it_was_read_is_gone(source, now):
    key = put_events(source, 1, [member_event(1)])
    list_source(source_id=source.pk, now=now)
    s3().delete_object(Bucket=source.bucket, Key=key)
    read_files(source_id=source.pk, clock=lambda: now)
    assert LogObject.objects.get().state == "gone"


def test_a_file_too_long_for_memory_is_not_read(source, now, settings):
    settings.INVENTORY_LOG_TEXT_BYTES = 5000
    put_events(source, 1, [member_event(number) for number in range(200)])
    read(source, now)
    file = LogObject.objects.get()
    assert (file.state, file.why) == ("unreadable", "longer than 5,000 bytes when unpacked")


def test_a_bucket_that_is_not_there_is_the_sources_problem(source, now):
    source.bucket = "another-bucket-of-logs"
    source.save()
    read(source, now)
    source.refresh_from_db()
    assert source.problem == "There is no bucket another-bucket-of-logs: correct its name."
    assert source.last_listed_at is None


def test_files_before_the_sources_first_day_and_of_others_are_passed_over(source, now):
    source.read_from = DAY
    source.save()
    put_events(source, 1, [member_event(1)], day=DAY - timedelta(days=1))
    put(source, f"{source.root}notes/readme.json.gz", b"{}")
    put(source, f"{source.root}{MEMBER}/CloudTrail/us-east-1/2026/13/45/x.json.gz", b"{}")
    assert read(source, now).files == 0


def test_many_small_batches_give_what_one_gives(source, now, settings):
    settings.INVENTORY_LOG_FILES_AT_ONCE = 2
    for number in range(7):
        put_events(source, number, [member_event(each) for each in range(number, number + 3)])
    found = read(source, now)
    assert (found.files, found.events, found.duplicates) == (7, 21, 12)
    assert counted() == {("ec2:DescribeInstances", DAY): (9, 0)}
    with database.cursor() as cursor:
        cursor.execute("SELECT sum(length(ids)) FROM inventory_readevents")
        assert cursor.fetchone() == (9 * 16,)
