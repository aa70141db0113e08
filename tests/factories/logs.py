"""Logs and the usage in them: a source, its days and files, and usage as a reader stores it."""

from datetime import UTC, date, datetime
from typing import Any

import factory

from inventory.cloudtrail.denials import DenialCause
from inventory.cloudtrail.usage import DenialRecord
from inventory.models import Connection, LogDay, LogObject, LogSource
from inventory.store.usage import add_denials, add_usage
from policies.usage import UsageRecord
from tests.factories.connections import ConnectionFactory

LOG_ARCHIVE = "222222222222"
MEMBER = "333333333333"
DAY = date(2026, 5, 4)


def at_noon(day: date) -> datetime:
    """Return noon of a day in UTC."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


class LogSourceFactory(factory.django.DjangoModelFactory[LogSource]):
    """An organization trail's files in the log archive account."""

    class Meta:
        model = LogSource

    connection = factory.SubFactory(ConnectionFactory)
    name = "organization-trail"
    bucket = "example-cloudtrail-logs"
    prefix = "trails"
    organization_path = "o-exampleorg1"
    bucket_region = "us-east-1"
    account_id = LOG_ARCHIVE
    read_from = date(2026, 4, 1)


class LogDayFactory(factory.django.DjangoModelFactory[LogDay]):
    """A day of an account and region of which both files were read."""

    class Meta:
        model = LogDay

    source = factory.SubFactory(LogSourceFactory)
    account_id = MEMBER
    region = "us-east-1"
    day = DAY
    listed_at = factory.LazyAttribute(lambda row: at_noon(row.day))
    objects_found = 2
    objects_read = 2
    size_bytes = 4000
    events = 100
    newest_at = factory.LazyAttribute(lambda row: at_noon(row.day))


class LogObjectFactory(factory.django.DjangoModelFactory[LogObject]):
    """A file that waits to be read."""

    class Meta:
        model = LogObject

    source = factory.SubFactory(LogSourceFactory)
    account_id = MEMBER
    region = "us-east-1"
    day = DAY
    size_bytes = 2000
    found_at = factory.LazyAttribute(lambda row: at_noon(row.day))

    key = factory.LazyAttributeSequence(lambda row, number: _key(row, number))


def _key(row: Any, number: int) -> str:
    """Name a file as CloudTrail does."""
    return (
        f"trails/AWSLogs/o-exampleorg1/{row.account_id}/CloudTrail/{row.region}/"
        f"{row.day:%Y/%m/%d}/{row.account_id}_CloudTrail_{row.region}_{row.day:%Y%m%d}T0905Z_"
        f"{number:016d}.json.gz"
    )


def usage_record(**members: Any) -> UsageRecord:
    """Return 3 calls of a role on `DAY`; `day` sets another, `first_at` and `last_at` go before."""
    day = members.pop("day", DAY)
    plain: dict[str, Any] = {
        "account_id": MEMBER,
        "principal": f"arn:aws:iam::{MEMBER}:role/Deploy",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::example/*",
        "region": "us-east-1",
        "context": {"aws:SourceIp": "198.51.100.7"},
        "unknown_context": ("aws:UserAgent",),
        "count": 3,
        "denied": 0,
        "first_at": at_noon(day),
        "last_at": at_noon(day),
    }
    return UsageRecord(**{**plain, **members})


def denial_record(**members: Any) -> DenialRecord:
    """Return 2 calls that an SCP denied on `DAY`; `day` sets another."""
    day = members.pop("day", DAY)
    plain: dict[str, Any] = {
        "account_id": MEMBER,
        "principal": f"arn:aws:iam::{MEMBER}:role/Deploy",
        "action": "ec2:RunInstances",
        "resource": "*",
        "region": "eu-west-3",
        "cause": DenialCause(
            "service control policy",
            "arn:aws:organizations::111111111111:policy/o-exampleorg1/service_control_policy/p-regions1",
            True,
        ),
        "count": 2,
        "first_at": at_noon(day),
        "last_at": at_noon(day),
    }
    return DenialRecord(**{**plain, **members})


def stored_usage(connection: Connection, *records: UsageRecord) -> None:
    """Store usage as a reader of logs does."""
    add_usage(connection, records)


def stored_denials(connection: Connection, *records: DenialRecord) -> None:
    """Store denials as a reader of logs does."""
    add_denials(connection, records)
