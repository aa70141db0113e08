"""Events that stay whole → rows, each once, whatever brings it: a file or a message."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection as database

from inventory.cloudtrail.callers import caller_of, recording_account
from inventory.cloudtrail.events import CloudTrailEvent, epoch_seconds
from inventory.models import LoggedEvent, LogSource
from inventory.models.day_partitions import add_partitions_about
from inventory.store.usage import stored_json, stored_text
from policies.language.json_reader import JsonValue

WholeEvent = tuple[CloudTrailEvent, JsonValue]
"""An event and its record."""

_EVENTS: Final = """
    INSERT INTO inventory_loggedevent (
        connection_id, event_id, at, day, account_id, region, event_source, event_name, principal,
        event
    )
    SELECT %s, given.* FROM unnest(
        %s::text[], %s::timestamptz[], %s::date[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::jsonb[]
    ) AS given(event_id)
    ORDER BY event_id
    ON CONFLICT (connection_id, day, event_id) DO NOTHING
    RETURNING event_id
"""


def add_whole_partitions(events: Sequence[WholeEvent], now: datetime) -> None:
    """Make the partitions of the events' days."""
    days = {_time_of(event).date() for event, _ in events}
    add_partitions_about(LoggedEvent._meta.db_table, sorted(days), now)


def store_whole(source: LogSource, events: Iterable[WholeEvent]) -> tuple[str, ...]:
    """Store the events that are not there yet, within a transaction; return their ids."""
    rows: dict[str, tuple[Any, ...]] = {}
    for event, record in events:
        caller = caller_of(event)
        at = _time_of(event)
        event_id = stored_text(event.event_id or "", "event_id")
        rows.setdefault(
            event_id,
            (
                event_id,
                at,
                at.date(),
                recording_account(event, caller),
                stored_text(event.region or "", "region"),
                stored_text(event.event_source or "", "event"),
                stored_text(event.event_name or "", "event"),
                stored_text(caller.principal, "principal"),
                stored_json(record),
            ),
        )
    if not rows:
        return ()
    columns = [list(column) for column in zip(*rows.values(), strict=True)]
    with database.cursor() as cursor:
        cursor.execute(_EVENTS, [source.connection_id, *columns])
        return tuple(row[0] for row in cursor.fetchall())


def _time_of(event: CloudTrailEvent) -> datetime:
    return datetime.fromtimestamp(epoch_seconds(event.event_time) or 0, UTC)
