"""A bucket of logs for tests, in moto's S3: files as CloudTrail names them."""

import gzip
import json
from collections.abc import Iterable
from datetime import date
from typing import Any

import boto3

from inventory.models import LogSource
from tests.factories.logs import DAY, MEMBER
from tests.inventory.cloudtrail.samples import Event, event


def make_bucket(source: LogSource) -> None:
    """Make the source's bucket."""
    s3().create_bucket(Bucket=source.bucket)


def s3() -> Any:
    """Return a client of moto's S3."""
    return boto3.client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def key_of(
    source: LogSource, number: int, *, account: str = MEMBER, region: str = "us-east-1",
    day: date = DAY, kind: str = "CloudTrail",
) -> str:  # fmt: skip
    """Return the key of a file; `number` is its minute of the day."""
    time = f"{day:%Y%m%d}T{number // 60:02}{number % 60:02}Z"
    name = f"{account}_CloudTrail_{region}_{time}_{number:016d}.json.gz"
    return f"{source.root}{account}/{kind}/{region}/{day:%Y/%m/%d}/{name}"


def put(source: LogSource, key: str, content: bytes) -> None:
    """Store an object."""
    s3().put_object(Bucket=source.bucket, Key=key, Body=content)


def put_events(source: LogSource, number: int, events: Iterable[Event], **place: Any) -> str:
    """Store a file of events, as CloudTrail does; return its key."""
    key = key_of(source, number, **place)
    put(source, key, packed(events))
    return key


def packed(events: Iterable[Event]) -> bytes:
    """Return a file's bytes."""
    return gzip.compress(json.dumps({"Records": list(events)}).encode())


def member_event(number: int, **members: Any) -> Event:
    """Return an event of the member account on `DAY`."""
    time = f"{DAY.isoformat()}T{number // 60 % 24:02}:{number % 60:02}:00Z"
    return event(number, **{"eventTime": time, "recipientAccountId": MEMBER, **members})
