"""Readers that are killed, and two at once: the totals are those of one that nothing disturbed."""

import os
import random
import signal
import threading
import time
from datetime import timedelta
from functools import partial
from unittest.mock import MagicMock

import pytest
from django.db import connection as database

from inventory.logs.claims import claim_files
from inventory.logs.files import read_content
from inventory.logs.listing import FoundFile, add_found
from inventory.logs.reading import _read_claim, read_files
from inventory.logs.storing import ClaimLost
from inventory.models import (
    DailyDenial,
    DailyUsage,
    DeniedCalls,
    HourlyCalls,
    LogDay,
    LoggedEvent,
    LogObject,
    UnmappedCall,
    UsedAccess,
)
from tests.factories.logs import DAY, MEMBER, LogSourceFactory, at_noon
from tests.inventory.logs.bucket import key_of, member_event, packed

pytestmark = pytest.mark.django_db(transaction=True)
FETCH = "inventory.logs.reading.fetch"
NOW = at_noon(DAY) + timedelta(hours=11)


class Killed(BaseException):
    """What ends a reader where it stands."""


class KillingAfter:
    """Ends the reader at a statement, as losing its connection would."""

    def __init__(self, statements):
        self.left = statements

    def __call__(self, execute, sql, parameters, many, context):
        self.left -= 1
        if self.left < 0:
            raise Killed
        return execute(sql, parameters, many, context)


def files_of(source):
    """Return files by key: of two accounts and regions, every event in two of them."""
    found = {}
    for number in range(12):
        events = []
        for at in (number, number + 12, (number + 1) % 12):
            kind = (
                {},
                {"eventSource": "iam.amazonaws.com", "eventName": "CreateUser"},
                {"eventSource": "new.amazonaws.com"},
                {"errorCode": "AccessDenied"},
            )[at % 4]
            events.append(member_event(at, **kind))  # fmt: skip
        region = ("us-east-1", "eu-west-1")[number % 2]
        found[key_of(source, number, region=region)] = packed(events)
    return found


@pytest.fixture
def source(monkeypatch, settings):
    settings.INVENTORY_LOG_FILES_AT_ONCE = 3
    made = LogSourceFactory.create()
    files = files_of(made)
    monkeypatch.setattr(FETCH, lambda _s3, _bucket, key, also: read_content(files[key], also))
    monkeypatch.setattr("inventory.logs.reading.LogSession.client", lambda *_, **__: None)
    found = [FoundFile(key, len(files[key]), NOW) for key in files]
    add_found(made, found, now=NOW, listed_at=NOW)
    return made


def totals():
    usage = DailyUsage.objects.values_list("access__action", "day", "count", "denied")
    days = LogDay.objects.values_list("region", "objects_found", "objects_read", "events")
    return {
        "usage": sorted(usage),
        "calls": sorted(UsedAccess.objects.values_list("action", "calls")),
        "hours": [
            (row.account_id, row.service, sum(row.calls), sum(row.denied))
            for row in HourlyCalls.objects.order_by("account_id", "service")
        ],
        "denials": sorted(DailyDenial.objects.values_list("action", "count")),
        "denied calls": sorted(DeniedCalls.objects.values_list("account_id", "service", "count")),
        "unmapped": sorted(UnmappedCall.objects.values_list("event_name", "count")),
        "whole": LoggedEvent.objects.count(),
        "days": sorted(days),
        "unread": LogObject.objects.exclude(state="read").count(),
        "duplicates": sum(LogObject.objects.values_list("duplicates", flat=True)),
    }


EXPECTED = {
    "usage": [
        ("ec2:DescribeInstances", DAY, 12, 6),
        ("iam:CreateUser", DAY, 6, 0),
    ],
    "calls": [("ec2:DescribeInstances", 12), ("iam:CreateUser", 6)],
    "hours": [
        ("", "ec2", 12, 6),
        ("", "iam", 6, 0),
        (MEMBER, "ec2", 12, 6),
        (MEMBER, "iam", 6, 0),
    ],
    "denials": [("ec2:DescribeInstances", 6)],
    "denied calls": [("", "ec2", 6), (MEMBER, "ec2", 6)],
    "unmapped": [("DescribeInstances", 6)],
    "whole": 6,
    "days": [("eu-west-1", 6, 6, 18), ("us-east-1", 6, 6, 18)],
    "unread": 0,
    "duplicates": 12,
}


def read_until_done(source, now=NOW):
    """Read as beat has it done: again when claims have ended."""
    for _ in range(40):
        read_files(source_id=source.pk, clock=partial(lambda at: at, now))
        if not LogObject.objects.filter(state="waiting").exists():
            return
        now += timedelta(minutes=10)


def test_one_reader_counts_each_event_once(source):
    read_until_done(source)
    assert totals() == EXPECTED


@pytest.mark.parametrize("seed", range(4))
def test_readers_killed_at_any_statement_count_each_event_once(source, seed):
    chance = random.Random(seed)
    now = NOW
    killed = 0
    for _ in range(12):
        try:
            with database.execute_wrapper(KillingAfter(chance.randint(1, 25))):
                read_files(source_id=source.pk, clock=partial(lambda at: at, now), most_batches=2)
        except Killed:
            killed += 1
        now += timedelta(minutes=10)
    assert killed > 0
    # Files that ended their readers too often would not be read: here the readers are at fault.
    LogObject.objects.exclude(state="read").update(state="waiting", why="", attempts=0)
    read_until_done(source, now)
    assert totals() == EXPECTED


def test_a_process_that_is_killed_leaves_nothing_half_done(source, monkeypatch):
    database.close()
    child = os.fork()
    if child == 0:
        at_once = files_of(source)

        def slowly(_s3, _bucket, key):
            time.sleep(0.05)
            return read_content(at_once[key])

        monkeypatch.setattr(FETCH, slowly)
        try:
            read_files(source_id=source.pk, clock=lambda: NOW)
        finally:
            os._exit(0)
    time.sleep(0.3)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    read_until_done(source)
    assert totals() == EXPECTED


def test_two_readers_at_once_count_each_event_once(source):
    together = threading.Barrier(2)
    failed = []

    def work():
        try:
            together.wait()
            read_files(source_id=source.pk, clock=lambda: NOW)
        except Exception as error:  # noqa: BLE001 - is asserted below
            failed.append(error)
        finally:
            database.close()

    readers = [threading.Thread(target=work) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert failed == []
    assert totals() == EXPECTED


def test_a_reader_whose_claim_has_ended_stores_nothing(source):
    held = claim_files(source_id=source.pk, now=NOW)
    read_until_done(source, NOW + timedelta(hours=1))
    with pytest.raises(ClaimLost):
        list(_read_claim(source, MagicMock(), held, lambda: NOW))
    assert totals() == EXPECTED
