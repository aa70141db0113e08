"""Usage, denials and unmapped calls → rows of their days. Counts are added to those of before.

All within one transaction of the caller's, which has each event counted once. Rows are written in
the order of their digests, table after table, so that two writers wait for one another and never in
a circle.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from django.db import connection as database

from inventory.cloudtrail.usage import DenialRecord
from inventory.models import (
    Connection,
    DailyDenial,
    DailyUsage,
    DeniedCalls,
    HourlyCalls,
    UnmappedCall,
)
from policies.usage import UsageRecord

_REASON: Final = DailyDenial.Reason
# Of no row that AWS's own names make; only texts that somebody made up are longer.
_LONGEST: Final = {
    "account_id": 12,
    "principal": 1024,
    "action": 128,
    "resource": 2048,
    "region": 32,
    "name": 256,
    "event": 128,
    "event_id": 64,
    "why": 2000,
    "policy_type": 32,
}

_CONTEXTS: Final = """
    INSERT INTO inventory_usagecontext (connection_id, digest, context, unknown_context)
    SELECT %s, given.* FROM unnest(%s::uuid[], %s::jsonb[], %s::jsonb[]) AS given(digest)
    ORDER BY digest ON CONFLICT (connection_id, digest) DO NOTHING
"""
_CONTEXT_IDS: Final = """
    SELECT digest, id FROM inventory_usagecontext
    WHERE connection_id = %s AND digest = ANY(%s::uuid[])
"""
_ACCESSES: Final = """
    INSERT INTO inventory_usedaccess AS known (
        connection_id, digest, account_id, principal, action, resource, region, context_id,
        first_day, last_day, calls, last_at
    )
    SELECT %s, given.* FROM unnest(
        %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[],
        %s::date[], %s::date[], %s::bigint[], %s::timestamptz[]
    ) AS given(digest)
    ORDER BY digest
    ON CONFLICT (connection_id, digest) DO UPDATE
    SET first_day = least(known.first_day, excluded.first_day),
        last_day = greatest(known.last_day, excluded.last_day),
        calls = known.calls + excluded.calls,
        last_at = greatest(known.last_at, excluded.last_at)
"""
_ACCESS_IDS: Final = """
    SELECT digest, id FROM inventory_usedaccess
    WHERE connection_id = %s AND digest = ANY(%s::uuid[])
"""
_DAILY_USAGE: Final = """
    INSERT INTO inventory_dailyusage AS known (
        connection_id, access_id, day, count, denied, first_at, last_at
    )
    SELECT %s, given.* FROM unnest(
        %s::bigint[], %s::date[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[]
    ) AS given(access_id, day)
    ORDER BY access_id, day
    ON CONFLICT (access_id, day) DO UPDATE
    SET count = known.count + excluded.count,
        denied = known.denied + excluded.denied,
        first_at = least(known.first_at, excluded.first_at),
        last_at = greatest(known.last_at, excluded.last_at)
"""
_DAILY_DENIALS: Final = """
    INSERT INTO inventory_dailydenial AS known (
        connection_id, digest, day, account_id, principal, action, resource, region, policy_type,
        policy, reason, count, first_at, last_at
    )
    SELECT %s, given.* FROM unnest(
        %s::uuid[], %s::date[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::text[], %s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[]
    ) AS given(digest)
    ORDER BY digest
    ON CONFLICT (connection_id, day, digest) DO UPDATE
    SET count = known.count + excluded.count,
        first_at = least(known.first_at, excluded.first_at),
        last_at = greatest(known.last_at, excluded.last_at)
"""
_DENIED_CALLS: Final = """
    INSERT INTO inventory_deniedcalls AS known (
        connection_id, account_id, day, service, policy_type, policy, count
    )
    SELECT %s, given.* FROM unnest(
        %s::text[], %s::date[], %s::text[], %s::text[], %s::text[], %s::bigint[]
    ) AS given(account_id, day, service, policy_type, policy, count)
    ORDER BY account_id, day, service, policy_type, policy
    ON CONFLICT (connection_id, account_id, day, service, policy_type, md5(policy)) DO UPDATE
    SET count = known.count + excluded.count
"""
_NO_LONGER_CALLED: Final = """
    UPDATE inventory_usedaccess AS access SET calls = access.calls - of_day.count
    FROM inventory_dailyusage AS of_day
    WHERE of_day.access_id = access.id AND of_day.connection_id = %s AND of_day.day = %s
"""
_UNMAPPED: Final = """
    INSERT INTO inventory_unmappedcall AS known (
        connection_id, day, event_source, event_name, count
    )
    SELECT %s, given.* FROM unnest(%s::date[], %s::text[], %s::text[], %s::bigint[])
        AS given(day, event_source, event_name)
    ORDER BY day, event_source, event_name
    ON CONFLICT (connection_id, day, event_source, event_name) DO UPDATE
    SET count = known.count + excluded.count
"""


@dataclass(frozen=True, slots=True)
class UnmappedCount:
    """How many events of a day and name need actions that are not known."""

    day: date
    event_source: str
    event_name: str
    count: int


def add_usage(connection: Connection, records: Iterable[UsageRecord]) -> None:
    """Add usage to what is stored of the records' days, those of their `first_at` in UTC.

    A record of several days counts on the first of them. `unknown_context` may lack the keys of
    the action, which reading adds.
    """
    contexts: dict[UUID, tuple[str, str]] = {}
    accesses: dict[UUID, _Access] = {}
    days: dict[tuple[UUID, date], list[Any]] = {}
    # Many records have one context, which is written once; `given` holds them, so ids stay theirs.
    given = list(records)
    written_once: dict[tuple[int, int], UUID] = {}
    for record in given:
        both = id(record.context), id(record.unknown_context)
        of_context = written_once.get(both)
        if of_context is None:
            written = stored_json(record.context), stored_json(sorted(record.unknown_context))
            of_context = written_once[both] = digest_of(*written)
            contexts[of_context] = written
        texts = (
            stored_text(record.account_id, "account_id"),
            stored_text(record.principal, "principal"),
            stored_text(record.action, "action"),
            stored_text(record.resource, "resource"),
            stored_text(record.region or "", "region"),
        )
        digest = digest_of(*texts, of_context.hex)
        day = record.first_at.astimezone(UTC).date()
        access = accesses.get(digest)
        if access is None:
            access = accesses[digest] = _Access(texts, of_context, day, day, 0, record.last_at)
        access.first_day = min(access.first_day, day)
        access.last_day = max(access.last_day, day)
        access.calls += record.count
        access.last_at = max(access.last_at, record.last_at)
        count = record.count, record.denied, record.first_at, record.last_at
        _add(days, (digest, day), count)
    _store_usage(connection, contexts, accesses, days)


@dataclass(slots=True)
class _Access:
    texts: tuple[str, ...]
    context: UUID
    first_day: date
    last_day: date
    calls: int
    last_at: datetime


def _add(
    into: dict[tuple[UUID, date], list[Any]],
    key: tuple[UUID, date],
    count: tuple[int, int, datetime, datetime],
) -> None:
    there = into.get(key)
    if there is None:
        into[key] = list(count)
        return
    there[0] += count[0]
    there[1] += count[1]
    there[2] = min(there[2], count[2])
    there[3] = max(there[3], count[3])


def _store_usage(
    connection: Connection,
    contexts: Mapping[UUID, tuple[str, str]],
    accesses: Mapping[UUID, _Access],
    days: Mapping[tuple[UUID, date], Sequence[Any]],
) -> None:
    if not days:
        return
    given = [str(digest) for digest in contexts]
    known, unknown = zip(*contexts.values(), strict=True)
    _execute(_CONTEXTS, connection, given, list(known), list(unknown))
    context_ids = _ids(_CONTEXT_IDS, connection, given)
    digests = [str(digest) for digest in accesses]
    _execute(
        _ACCESSES,
        connection,
        digests,
        *(list(column) for column in zip(*(each.texts for each in accesses.values()), strict=True)),
        [context_ids[each.context] for each in accesses.values()],
        [each.first_day for each in accesses.values()],
        [each.last_day for each in accesses.values()],
        [each.calls for each in accesses.values()],
        [each.last_at for each in accesses.values()],
    )
    access_ids = _ids(_ACCESS_IDS, connection, digests)
    _execute(
        _DAILY_USAGE,
        connection,
        [access_ids[digest] for digest, _ in days],
        [day for _, day in days],
        *(list(column) for column in zip(*days.values(), strict=True)),
    )


def add_denials(connection: Connection, records: Iterable[DenialRecord]) -> None:
    """Add denials to what is stored of the records' days, those of their `first_at` in UTC."""
    rows: dict[tuple[UUID, date], list[Any]] = {}
    texts_of: dict[UUID, tuple[str, ...]] = {}
    for record in records:
        cause = record.cause
        texts = (
            stored_text(record.account_id, "account_id"),
            stored_text(record.principal, "principal"),
            stored_text(record.action, "action"),
            stored_text(record.resource, "resource"),
            stored_text(record.region or "", "region"),
            stored_text(cause.policy_type, "policy_type"),
            stored_text(cause.policy_arn, "resource"),
            _reason(cause.is_explicit),
        )
        digest = digest_of(*texts)
        texts_of[digest] = texts
        day = record.first_at.astimezone(UTC).date()
        _add(rows, (digest, day), (record.count, 0, record.first_at, record.last_at))
    if not rows:
        return
    counts, _, first, last = zip(*rows.values(), strict=True)
    _execute(
        _DAILY_DENIALS,
        connection,
        [str(digest) for digest, _ in rows],
        [day for _, day in rows],
        *(list(column) for column in zip(*(texts_of[digest] for digest, _ in rows), strict=True)),
        list(counts),
        list(first),
        list(last),
    )
    _add_denied_calls(connection, rows, texts_of)


def _add_denied_calls(
    connection: Connection,
    rows: Mapping[tuple[UUID, date], Sequence[Any]],
    texts_of: Mapping[UUID, tuple[str, ...]],
) -> None:
    sums: dict[tuple[str, date, str, str, str], int] = {}
    for (digest, day), (count, *_) in rows.items():
        account_id, _, action, _, _, policy_type, policy, _ = texts_of[digest]
        for of in {account_id, ""}:
            key = of, day, action.partition(":")[0], policy_type, policy
            sums[key] = sums.get(key, 0) + count
    _execute(
        _DENIED_CALLS,
        connection,
        *(list(column) for column in zip(*sums, strict=True)),
        list(sums.values()),
    )


def _reason(is_explicit: bool | None) -> str:
    if is_explicit is None:
        return _REASON.UNKNOWN.value
    return (_REASON.EXPLICIT if is_explicit else _REASON.IMPLICIT).value


def remove_day(connection: Connection, day: date) -> None:
    """Delete what is stored of a day, which is going to be counted again."""
    with database.cursor() as cursor:
        cursor.execute(_NO_LONGER_CALLED, [connection.pk, day])
    for model in (DailyUsage, DailyDenial, DeniedCalls, HourlyCalls, UnmappedCall):
        model.objects.filter(connection=connection, day=day).delete()


def add_unmapped(connection: Connection, counts: Iterable[UnmappedCount]) -> None:
    """Add to the counts of events that are in no usage."""
    rows: dict[tuple[date, str, str], int] = {}
    for each in counts:
        names = stored_text(each.event_source, "name"), stored_text(each.event_name, "name")
        rows[each.day, *names] = rows.get((each.day, *names), 0) + each.count
    if rows:
        days, sources, names_of = (list(column) for column in zip(*rows, strict=True))
        _execute(_UNMAPPED, connection, days, sources, names_of, list(rows.values()))


def stored_text(text: str, column: str) -> str:
    """Return a text as PostgreSQL can hold it: without NUL and lone surrogates, cut to length."""
    longest = _LONGEST[column]
    if len(text) <= longest and text.isascii() and "\0" not in text:
        return text
    held = text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    return held[:longest]


def digest_of(*texts: str) -> UUID:
    """Return 128 bits of a hash of some texts, in their order."""
    joined = "\0".join(texts).encode()
    return UUID(bytes=blake2b(joined, digest_size=16).digest())


# The escape of NUL; after an odd number of backslashes it is none.
_ESCAPED_NUL: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def stored_json(value: Any) -> str:
    """Return a value as JSON that PostgreSQL can hold: without NUL and lone surrogates."""
    written = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if "\\u0000" in written:
        written = _ESCAPED_NUL.sub("\\1\N{REPLACEMENT CHARACTER}", written)
    return written if written.isascii() else written.encode("utf-8", "replace").decode()


def _execute(statement: str, connection: Connection, *columns: list[Any]) -> None:
    with database.cursor() as cursor:
        cursor.execute(statement, [connection.pk, *columns])


def _ids(statement: str, connection: Connection, digests: list[str]) -> dict[UUID, int]:
    with database.cursor() as cursor:
        cursor.execute(statement, [connection.pk, digests])
        return dict(cursor.fetchall())
