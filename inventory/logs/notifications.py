"""Messages of a queue: they name new files, from S3 by way of SNS or EventBridge, or directly, or
bring events themselves, from EventBridge.

A message is deleted once what it brings is stored, so one that is lost on the way comes again; a
file that is named twice is known already, and so is an event.
"""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote_plus

from django.conf import settings

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.errors import AwsError
from inventory.logs.listing import FoundFile, add_found, error_text
from inventory.logs.live_events import delivered_event, store_delivered
from inventory.logs.session import LogSession, queue_place
from inventory.models import LogSource

log = logging.getLogger(__name__)

_MESSAGES: Final = 10
_WAIT_SECONDS: Final = 2
_HIDDEN_SECONDS: Final = 120
_MOST_LAYERS: Final = 3


def receive_files(
    *, source_id: int, clock: Callable[[], datetime], found: Callable[[], object]
) -> int:
    """Wait for messages for some time and store what they bring; return how many files they named.

    `found`: is called whenever there were new ones.
    AWS: sqs:ReceiveMessage, DeleteMessage. What fails is the source's `problem`.
    :raises LogSource.DoesNotExist: there is none of this id.
    """
    source = LogSource.objects.select_related("connection").get(pk=source_id)
    ends_at = clock() + timedelta(seconds=settings.INVENTORY_LOG_QUEUE_SECONDS)
    session = LogSession(source)
    total = 0
    try:
        sqs = session.client("sqs", region=queue_place(source)[0])
        while clock() < ends_at:
            messages = _received(sqs, source)
            values = [_value(source, each["Body"]) for each in messages]
            records = [record for each in values if (record := delivered_event(each)) is not None]
            store_delivered(source, records, now=clock())
            files = [file for each in values for file in _files(source, each)]
            new = add_found(source, files, now=clock(), listed_at=None)
            _delete(sqs, source, messages)
            total += new
            if new:
                found()
    except AwsError as error:
        LogSource.objects.filter(pk=source.pk).update(problem=error_text(error))
    return total


def _received(sqs: AwsClient, source: LogSource) -> list[AwsAnswer]:
    answer = sqs.call(
        "receive_message",
        QueueUrl=source.queue_url,
        MaxNumberOfMessages=_MESSAGES,
        WaitTimeSeconds=_WAIT_SECONDS,
        VisibilityTimeout=_HIDDEN_SECONDS,
    )
    return list(answer.get("Messages") or [])


def _delete(sqs: AwsClient, source: LogSource, messages: list[AwsAnswer]) -> None:
    for each in messages:
        sqs.call("delete_message", QueueUrl=source.queue_url, ReceiptHandle=each["ReceiptHandle"])


def _value(source: LogSource, body: str) -> dict[str, Any]:
    """Return what a message says, without the layers of SNS; nothing where it is no object."""
    value: Any = body
    for _ in range(_MOST_LAYERS):
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                log.warning("a message of %s is not JSON", source)
                return {}
        if not isinstance(value, dict) or "Message" not in value:
            break
        value = value["Message"]
    return value if isinstance(value, dict) else {}


def _files(source: LogSource, value: dict[str, Any]) -> Iterator[FoundFile]:
    """Yield the files of the source's bucket that a message names; others are passed over."""
    detail = value.get("detail")
    if isinstance(detail, dict):
        yield from _file(source, detail, is_quoted=False)
    records = value.get("Records")
    for record in records if isinstance(records, list) else ():
        if isinstance(record, dict) and isinstance(record.get("s3"), dict):
            yield from _file(source, record["s3"], is_quoted=True)


def _file(source: LogSource, named: dict[str, Any], *, is_quoted: bool) -> Iterator[FoundFile]:
    bucket, item = named.get("bucket"), named.get("object")
    if not isinstance(bucket, dict) or not isinstance(item, dict):
        return
    key, size = item.get("key"), item.get("size")
    if bucket.get("name") == source.bucket and isinstance(key, str):
        # S3 itself writes keys as forms do, EventBridge as they are.
        whole = unquote_plus(key) if is_quoted else key
        yield FoundFile(whole, size if isinstance(size, int) and 0 <= size < 2**62 else 0, None)
