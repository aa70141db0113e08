"""A batch of read files → rows, in one transaction: usage, event ids, and the files marked read.

A reader that is killed before the end has stored nothing; one that comes second finds that its
claim is gone, or the ids of the events. So every event counts once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db import connection as database
from django.db import transaction

from inventory.cloudtrail.event_ids import ID_BYTES, NO_DAY, SeenEvents
from inventory.cloudtrail.reduction import (
    SECONDS_OF_DAY,
    DenialClass,
    ReducedBatch,
    UnmappedEvents,
    UsageClass,
)
from inventory.cloudtrail.usage import DenialRecord
from inventory.logs.claims import ClaimedFile
from inventory.logs.hours import calls_by_hour
from inventory.logs.keys import parse_log_key
from inventory.logs.whole_events import WholeEvent, store_whole
from inventory.models import LogObject, LogSource
from inventory.models.day_partitions import PARTITIONED, add_partitions_about
from inventory.signals import logs_were_read
from inventory.store.hours import add_hours
from inventory.store.locks import hold_lock
from inventory.store.usage import (
    UnmappedCount,
    add_denials,
    add_unmapped,
    add_usage,
    stored_text,
)
from policies.usage import UsageRecord

_STATE: Final = LogObject.State
_READ_STATES: Final = (_STATE.READ, _STATE.CUT)
_FIRST_DAY: Final = date(1970, 1, 1)
_HOUR: Final = 3600
_NO_HOUR: Final = -1

_KNOWN_IDS: Final = """
    SELECT account_id, hour, ids FROM inventory_readevents
    WHERE connection_id = %s AND (account_id, hour) IN (
        SELECT * FROM unnest(%s::text[], %s::integer[])
    )
"""
_ADD_IDS: Final = """
    INSERT INTO inventory_readevents (connection_id, read_on, account_id, hour, ids)
    SELECT %s, %s, given.* FROM unnest(%s::text[], %s::integer[], %s::bytea[]) AS given
"""
_FILES: Final = """
    UPDATE inventory_logobject AS file
    SET state = given.state, why = given.why, events = given.events,
        duplicates = given.duplicates, read_at = given.read_at, retry_at = given.retry_at,
        sha256 = given.sha256, attempts = 0, claim = NULL, claimed_until = NULL
    FROM unnest(
        %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::timestamptz[],
        %s::timestamptz[], %s::text[]
    ) AS given(id, state, why, events, duplicates, read_at, retry_at, sha256)
    WHERE file.id = given.id
"""
_DAYS: Final = """
    INSERT INTO inventory_logday AS known (
        source_id, account_id, region, day, objects_found, size_bytes, objects_read, events,
        duplicates, unmapped, newest_at, digests, digests_why
    )
    SELECT %s, account_id, region, day, objects_read, 0, objects_read, events, duplicates,
        unmapped, newest_at, '', ''
    FROM unnest(
        %s::text[], %s::text[], %s::date[], %s::bigint[], %s::bigint[], %s::bigint[],
        %s::bigint[], %s::timestamptz[]
    ) AS given(account_id, region, day, objects_read, events, duplicates, unmapped, newest_at)
    ORDER BY account_id, region, day
    ON CONFLICT (source_id, account_id, region, day) DO UPDATE
    SET objects_read = known.objects_read + excluded.objects_read,
        events = known.events + excluded.events,
        duplicates = known.duplicates + excluded.duplicates,
        unmapped = known.unmapped + excluded.unmapped,
        newest_at = greatest(known.newest_at, excluded.newest_at)
"""


class ClaimLost(Exception):
    """Another reader has taken some of the files; nothing was stored."""


@dataclass(slots=True)
class ReadFile:
    """A file of a batch. `first`, `end`: its events among the batch's; `duplicates`: left out.

    `whole`: the events that are stored whole, each with its record. `retry_at`: when to try again.
    """

    file: ClaimedFile
    state: LogObject.State
    why: str
    first: int
    end: int
    duplicates: int
    whole: Sequence[WholeEvent] = ()
    retry_at: datetime | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """What a batch came to. `event_ids`: of the events that were stored whole."""

    files: int
    events: int
    duplicates: int
    event_ids: tuple[str, ...]


def store_batch(
    source: LogSource,
    batch: ReducedBatch,
    files: Sequence[ReadFile],
    *,
    claim: UUID,
    now: datetime,
) -> StoredBatch:
    """Store what some files count for and mark them read, all or nothing.

    :raises ClaimLost: others have some of them.
    """
    _make_partitions(batch, now)
    with transaction.atomic():
        for account_id in sorted({each.file.account_id for each in files}):
            hold_lock(f"logs {source.connection_id} {account_id}")
        _check_claim(claim, files)
        fresh = _fresh(source, batch, files, now)
        _store_counts(source, batch, fresh)
        stored = store_whole(source, (pair for each in files for pair in each.whole))
        outcome = _mark(source, batch, files, fresh, now)
        logs_were_read.send(
            sender=LogSource,
            organization_id=source.connection_id,
            days=_days(batch),
            event_ids=stored,
        )
    return StoredBatch(len(files), outcome[0], outcome[1], stored)


def _make_partitions(batch: ReducedBatch, now: datetime) -> None:
    """Make the partitions of days about now; those of others are made by upkeep, or never."""
    for table, column in PARTITIONED.items():
        if column == "day":
            add_partitions_about(table, _days(batch), now)


def _days(batch: ReducedBatch) -> tuple[date, ...]:
    days = np.unique(batch.times // SECONDS_OF_DAY).tolist()
    return tuple(_FIRST_DAY + timedelta(days=day) for day in days)


def _check_claim(claim: UUID, files: Sequence[ReadFile]) -> None:
    wanted = sorted(each.file.id for each in files)
    held = LogObject.objects.select_for_update().filter(
        pk__in=wanted, claim=claim, state__in=LogObject.OPEN_STATES
    )
    if len(held.order_by("pk").values_list("pk")) != len(wanted):
        raise ClaimLost


def _fresh(
    source: LogSource, batch: ReducedBatch, files: Sequence[ReadFile], now: datetime
) -> npt.NDArray[np.bool_]:
    """Return which events no file brought before, and remember their ids."""
    fresh = np.ones(len(batch.times), np.bool_)
    ids = np.frombuffer(batch.ids, np.uint64).reshape(-1, ID_BYTES // 8)
    hours = np.where(batch.days == NO_DAY, _NO_HOUR, batch.times // _HOUR)
    accounts = sorted({each.file.account_id for each in files})
    account = np.zeros(len(batch.times), np.int64)
    for each in files:
        account[each.first : each.end] = accounts.index(each.file.account_id)
    known = np.nonzero(batch.has_id)[0]
    if not len(known):
        return fresh
    groups, group = np.unique(np.stack((account[known], hours[known])), axis=1, return_inverse=True)
    group = group.reshape(-1)
    names = [(accounts[int(at)], int(hour)) for at, hour in groups.T]
    index = {name: at for at, name in enumerate(names)}
    with SeenEvents() as seen:
        for account_id, hour, page in _known_ids(source, names):
            rows = np.frombuffer(page, np.uint64).reshape(-1, ID_BYTES // 8)
            seen.add(rows, np.full(len(rows), index[account_id, hour], np.int32))
        fresh[known] = ~seen.add(ids[known], group.astype(np.int32))
    added = [ids[known[(group == at) & fresh[known]]].tobytes() for at in range(len(names))]
    filled = [at for at, page in enumerate(added) if page]
    if filled:
        with database.cursor() as cursor:
            cursor.execute(
                _ADD_IDS,
                [
                    source.connection_id,
                    now.date(),
                    [names[at][0] for at in filled],
                    [names[at][1] for at in filled],
                    [added[at] for at in filled],
                ],
            )
    return fresh


def _known_ids(
    source: LogSource, names: Iterable[tuple[str, int]]
) -> Iterator[tuple[str, int, bytes]]:
    accounts, hours = (list(column) for column in zip(*names, strict=True))
    with database.cursor() as cursor:
        cursor.execute(_KNOWN_IDS, [source.connection_id, accounts, hours])
        for account_id, hour, page in cursor:
            yield account_id, hour, bytes(page)


def _store_counts(source: LogSource, batch: ReducedBatch, fresh: npt.NDArray[np.bool_]) -> None:
    counts = fresh[batch.use_event]
    of_class = batch.use_class[counts]
    times = batch.times[batch.use_event[counts]]
    size = len(batch.classes)
    total = np.bincount(of_class, minlength=size)
    denied = np.bincount(of_class[batch.use_denied[counts]], minlength=size)
    first = np.full(size, np.iinfo(np.int64).max)
    last = np.full(size, -1)
    np.minimum.at(first, of_class, times)
    np.maximum.at(last, of_class, times)
    contexts: list[Mapping[str, Any]] = [dict(context.known) for context in batch.contexts]
    usage: list[UsageRecord] = []
    denials: list[DenialRecord] = []
    unmapped: list[UnmappedCount] = []
    for at in np.nonzero(total)[0].tolist():
        counted = batch.classes[at]
        span = _time(first[at]), _time(last[at])
        if isinstance(counted, UsageClass):
            usage.append(
                UsageRecord(
                    *counted[:5],
                    contexts[counted.context],
                    batch.contexts[counted.context].unknown,
                    int(total[at]),
                    int(denied[at]),
                    *span,
                )
            )
        elif isinstance(counted, DenialClass):
            denials.append(DenialRecord(*counted[:6], int(total[at]), *span))
        elif isinstance(counted, UnmappedEvents):
            day = _FIRST_DAY + timedelta(days=counted.day)
            unmapped.append(
                UnmappedCount(day, counted.event_source, counted.event_name, int(total[at]))
            )
    add_usage(source.connection, usage)
    add_denials(source.connection, denials)
    add_unmapped(source.connection, unmapped)
    # Last, since rows of all accounts together are what other readers wait for.
    add_hours(source.connection, calls_by_hour(batch, fresh))


def _time(seconds: np.int64) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _mark(
    source: LogSource,
    batch: ReducedBatch,
    files: Sequence[ReadFile],
    fresh: npt.NDArray[np.bool_],
    now: datetime,
) -> tuple[int, int]:
    """Mark the files and add to their days; return how many events and duplicates they had."""
    is_unmapped = np.array([isinstance(each, UnmappedEvents) for each in batch.classes], np.bool_)
    unmapped_at = np.zeros(len(batch.times) + 1, np.int64)
    if len(is_unmapped):
        events = batch.use_event[is_unmapped[batch.use_class] & fresh[batch.use_event]]
        np.add.at(unmapped_at, events + 1, 1)
    before = np.cumsum(unmapped_at)
    rows: list[tuple[Any, ...]] = []
    days: dict[tuple[str, str, date], list[Any]] = {}
    total = [0, 0]
    for each in files:
        is_read = each.state in _READ_STATES
        repeated = each.duplicates + int((~fresh[each.first : each.end]).sum())
        events_of = each.end - each.first + each.duplicates
        ended = each.state not in LogObject.OPEN_STATES
        rows.append(
            (
                each.file.id, each.state.value, stored_text(each.why, "why"), events_of, repeated,
                now if ended else None, each.retry_at, each.sha256,
            )
        )  # fmt: skip
        if not is_read:
            continue
        total[0] += events_of
        total[1] += repeated
        key = each.file.account_id, each.file.region, each.file.day
        day = days.setdefault(key, [0, 0, 0, 0, None])
        day[0] += 1
        day[1] += events_of
        day[2] += repeated
        day[3] += int(before[each.end] - before[each.first])
        day[4] = _later(day[4], each.file.key)
    with database.cursor() as cursor:
        cursor.execute(_FILES, [list(column) for column in zip(*rows, strict=True)])
        if days:
            places = [list(column) for column in zip(*days, strict=True)]
            counts = [list(column) for column in zip(*days.values(), strict=True)]
            cursor.execute(_DAYS, [source.pk, *places, *counts])
    return total[0], total[1]


def _later(newest: datetime | None, key: str) -> datetime | None:
    parsed = parse_log_key(key)
    at = parsed.at if parsed is not None else None
    return max(newest, at) if newest is not None and at is not None else at or newest
