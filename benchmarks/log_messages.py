"""From a message of a log source's queue to the finding in the inbox, by workers as they run.

PostgreSQL, Valkey, moto's SQS and S3 and two workers of two processes each are started. Root users
sign in, each in another account; one half comes as EventBridge's event, the other as a file that
S3's notification names. Measured from before the message is sent until the finding is stored.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import django

from benchmarks.new_database import run_in_new_database
from benchmarks.tables import Row, Statistic, print_table
from demo.stack.ports import free_port
from demo.stack.state import ROOT

if TYPE_CHECKING:
    from inventory.models import Connection, LogSource

_MESSAGES: Final = 12
_TARGET_SECONDS: Final = 2.0
_LONGEST_SECONDS: Final = 90.0
_STARTING_SECONDS: Final = 180.0
_REGION: Final = "us-east-1"
_ARCHIVE: Final = "222222222222"
_BUCKET: Final = "benchmark-logs"


def run() -> None:
    """Measure in a process of its own."""
    run_in_new_database("benchmarks.log_messages")


def main() -> None:
    """Start moto and workers, send messages, and print how long each took."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "ORGWARDEN_AWS_ENDPOINTS_ALLOWED": endpoint,
        "CELERY_SKIP_CHECKS": "1",
    }
    django.setup()
    worker = [sys.executable, "-m", "celery", "--app", "governance.config.celery", "worker"]
    with (
        _running([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]),
        _running([*worker, "--queues", "inventory", "--concurrency", "2", "-n", "inventory@bench"]),
        _running([*worker, "--queues", "default", "--concurrency", "2", "-n", "default@bench"]),
    ):
        _measure(endpoint)


@contextmanager
def _running(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def _measure(endpoint: str) -> None:
    import boto3
    from celery import current_app
    from django.conf import settings
    from django.utils import timezone

    from inventory.logs.schedule import RECEIVE
    from inventory.models import Connection, LogSource

    sts = _until(lambda: boto3.client("sts", region_name=_REGION, endpoint_url=endpoint))
    role = f"arn:aws:iam::{_ARCHIVE}:role/OrgwardenAudit"
    given = _until(lambda: sts.assume_role(RoleArn=role, RoleSessionName="bench"))["Credentials"]
    session = boto3.Session(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], _REGION
    )
    s3 = session.client("s3", endpoint_url=endpoint)
    sqs = session.client("sqs", endpoint_url=endpoint)
    s3.create_bucket(Bucket=_BUCKET)
    connection = Connection.objects.create(
        name="Messages",
        slug="messages",
        management_account_id="999999999999",
        organization_role_arn="arn:aws:iam::999999999999:role/OrgwardenReader",
        endpoint_url=endpoint,
    )
    source = LogSource.objects.create(
        connection=connection,
        name="trail",
        bucket=_BUCKET,
        organization_path="o-exampleorg1",
        bucket_region=_REGION,
        account_id=_ARCHIVE,
        queue_url=sqs.create_queue(QueueName="logs")["QueueUrl"],
        read_from=timezone.now().date(),
    )

    def send(body: object) -> None:
        sqs.send_message(QueueUrl=source.queue_url, MessageBody=json.dumps(body))

    def by_event_bridge(number: int) -> None:
        kind = "AWS Console Sign In via CloudTrail"
        send({"detail-type": kind, "source": "aws.signin", "detail": _sign_in(number)})

    def by_file(number: int) -> None:
        record = _sign_in(number)
        key = _key(source, record["recipientAccountId"], number)
        content = gzip.compress(json.dumps({"Records": [record]}).encode())
        s3.put_object(Bucket=_BUCKET, Key=key, Body=content)
        named = {"bucket": {"name": _BUCKET}, "object": {"key": key, "size": len(content)}}
        send({"Records": [{"eventName": "ObjectCreated:Put", "s3": named}]})

    next_at = 0.0

    def receive() -> None:
        """Have a worker wait for messages, as beat does each minute and no sooner."""
        nonlocal next_at
        if time.monotonic() >= next_at:
            current_app.send_task(RECEIVE, kwargs={"source_id": source.pk})
            next_at = time.monotonic() + settings.INVENTORY_LOG_QUEUE_SECONDS

    rows: list[Row] = []
    for name, begin, sender in (
        ("an event that EventBridge brings", 100, by_event_bridge),
        ("a file that S3 names", 500, by_file),
    ):
        seconds: list[float] = []
        for number in range(_MESSAGES + 1):
            receive()
            # The first finds workers that have not begun.
            most = _LONGEST_SECONDS if number else _STARTING_SECONDS
            seconds.append(_seconds_to_inbox(connection, sender, begin + number, most=most))
        rows.append(Row(name, tuple(seconds[1:]), _TARGET_SECONDS, Statistic.MAX))
    print_table(f"From SQS to the inbox, {_MESSAGES} messages each", rows)


def _seconds_to_inbox(
    connection: Connection,
    sender: Callable[[int], None],
    number: int,
    *,
    most: float,
) -> float:
    from governance.inbox.models import InboxItem

    account_id = _account(number)
    rows = InboxItem.objects.filter(
        connection=connection, source=InboxItem.Source.DETECTION, account_id=account_id
    )
    begun = time.perf_counter()
    sender(number)
    while not rows.exists():
        if time.perf_counter() - begun > most:
            raise TimeoutError(f"no finding of account {account_id} in {most:.0f} s")
        time.sleep(0.01)
    return time.perf_counter() - begun


def _until(wanted: Callable[[], Any]) -> Any:
    """Return what is wanted of a server that is starting."""
    ends = time.monotonic() + 30
    while True:
        try:
            return wanted()
        except Exception:
            if time.monotonic() > ends:
                raise
            time.sleep(0.2)


def _account(number: int) -> str:
    return f"{300_000_000_000 + number}"


def _key(source: LogSource, account_id: str, number: int) -> str:
    now = datetime.now(UTC)
    name = f"{account_id}_CloudTrail_{_REGION}_{now:%Y%m%dT%H%M}Z_{number:016d}.json.gz"
    return f"{source.root}{account_id}/CloudTrail/{_REGION}/{now:%Y/%m/%d}/{name}"


def _sign_in(number: int) -> dict[str, Any]:
    """Return a root user's sign-in, as CloudTrail records it."""
    account_id = _account(number)
    return {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "Root",
            "principalId": account_id,
            "arn": f"arn:aws:iam::{account_id}:root",
            "accountId": account_id,
            "accessKeyId": "",
        },
        "eventTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "awsRegion": _REGION,
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "Mozilla/5.0",
        "requestParameters": None,
        "responseElements": {"ConsoleLogin": "Success"},
        "additionalEventData": {"MFAUsed": "Yes", "MobileVersion": "No"},
        "eventID": f"5a7c0000-0000-4000-8000-{number:012d}",
        "readOnly": False,
        "eventType": "AwsConsoleSignIn",
        "managementEvent": True,
        "recipientAccountId": account_id,
        "eventCategory": "Management",
    }


if __name__ == "__main__":
    main()
