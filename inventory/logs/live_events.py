"""Events that EventBridge brings to a queue seconds after a call, before their file is written.

They are stored whole, as `LoggedEvent`, and counted in no usage: their file does that, minutes
later, and finds there what is stored already.

Source: Amazon EventBridge user guide, "AWS service events delivered via AWS CloudTrail".
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import orjson
from django.db import transaction

from inventory.cloudtrail.decoding import decode
from inventory.logs.kept_events import is_kept, kept_also
from inventory.logs.whole_events import WholeEvent, add_whole_partitions, store_whole
from inventory.models import LogSource
from inventory.signals import logs_were_read

_DELIVERED: Final = " via CloudTrail"


def delivered_event(message: dict[str, Any]) -> dict[str, Any] | None:
    """Return the record of an EventBridge event that CloudTrail made; None: it is another."""
    kind, detail = message.get("detail-type"), message.get("detail")
    if isinstance(kind, str) and kind.endswith(_DELIVERED) and isinstance(detail, dict):
        return detail
    return None


def store_delivered(source: LogSource, records: Iterable[dict[str, Any]], *, now: datetime) -> int:
    """Store those of some records that stay whole and are not stored yet; return how many."""
    also = kept_also(source.connection_id)
    kept: list[WholeEvent] = [
        (event, record)
        for record in records
        for event in decode(orjson.dumps(record)).events
        if is_kept(event, also)
    ]
    if not kept:
        return 0
    add_whole_partitions(kept, now)
    with transaction.atomic():
        stored = store_whole(source, kept)
        logs_were_read.send(
            sender=LogSource, organization_id=source.connection_id, days=(), event_ids=stored
        )
    return len(stored)
