"""Calls by hour → rows of a day, account and service, and one for all accounts together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection as database

from inventory.models import Connection
from inventory.store.usage import stored_text

HOURS: Final = 24
# In the order of their keys, so that two writers wait for one another and never in a circle.
_ADD: Final = """
    INSERT INTO inventory_hourlycalls AS known (
        connection_id, account_id, day, service, calls, denied
    )
    SELECT %s, account_id, day, service, calls::bigint[], denied::bigint[]
    FROM unnest(%s::text[], %s::date[], %s::text[], %s::text[], %s::text[])
        AS given(account_id, day, service, calls, denied)
    ORDER BY account_id, day, service
    ON CONFLICT (connection_id, account_id, day, service) DO UPDATE
    SET calls = ARRAY(
            SELECT was + more FROM unnest(known.calls, excluded.calls)
                WITH ORDINALITY AS each(was, more, hour) ORDER BY hour
        ),
        denied = ARRAY(
            SELECT coalesce(was, 0) + coalesce(more, 0) FROM unnest(known.denied, excluded.denied)
                WITH ORDINALITY AS each(was, more, hour) ORDER BY hour
        )
"""


@dataclass(frozen=True, slots=True)
class HourCount:
    """Calls of a service, `denied` ones included, in an hour of a day in UTC: 0 to 23."""

    account_id: str
    day: date
    service: str
    hour: int
    count: int
    denied: int


def add_hours(connection: Connection, counts: Iterable[HourCount]) -> None:
    """Add to the calls by hour."""
    rows: dict[tuple[str, date, str], tuple[list[int], list[int]]] = {}
    for each in counts:
        account_id = stored_text(each.account_id, "account_id")
        service = stored_text(each.service, "action")
        for of in {account_id, ""}:
            calls, denied = rows.setdefault((of, each.day, service), ([0] * HOURS, [0] * HOURS))
            calls[each.hour] += each.count
            denied[each.hour] += each.denied
    if not rows:
        return
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    with database.cursor() as cursor:
        cursor.execute(
            _ADD,
            [
                connection.pk,
                *columns,
                [_written(calls) for calls, _ in rows.values()],
                [_written(denied) if any(denied) else "{}" for _, denied in rows.values()],
            ],
        )


def _written(numbers: list[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"
