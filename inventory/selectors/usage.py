"""What was used, as the logs say: read for a span of days, each time only what may be seen.

No rows does not mean that nothing was used: `inventory.selectors.logs.log_health` says whether the
logs of those days were read.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any, Final

from cachetools import LRUCache
from django.db.models import Max, Min, QuerySet, Sum

from inventory.cloudtrail.context import CallContext, ContextPair, unknown_keys
from inventory.models import (
    Connection,
    DailyDenial,
    DailyUsage,
    LoggedEvent,
    UnmappedCall,
    UsageContext,
    UsedAccess,
)
from inventory.viewing import Viewer, visible
from policies.usage import UsageRecord

# Accesses that are read at once, and contexts that are held meanwhile: neither grows with usage.
_AT_ONCE: Final = 2000
_CONTEXTS_HELD: Final = 20_000


def used(
    viewer: Viewer,
    *,
    connection: Connection,
    since: date,
    until: date,
    account_ids: Collection[str] | None = None,
    principal: str = "",
    action: str = "",
) -> Iterator[UsageRecord]:
    """Yield each access that was used from one day to another, both included, counted over them.

    In no order that means anything. `account_ids`: of the accounts that recorded it; None: all.
    `principal`, `action`: exactly these; empty: all. Memory does not grow with the records.
    """
    rows = daily_usage(viewer, connection=connection, since=since, until=until)
    if account_ids is not None:
        rows = rows.filter(access__account_id__any_of=sorted(account_ids))
    if principal:
        rows = rows.filter(access__principal=principal)
    if action:
        rows = rows.filter(access__action=action)
    summed = (
        rows.order_by()
        .values_list("access_id")
        .annotate(Sum("count"), Sum("denied"), Min("first_at"), Max("last_at"))
        .iterator(chunk_size=_AT_ONCE)
    )
    contexts: LRUCache[int, CallContext] = LRUCache(_CONTEXTS_HELD)
    while chunk := list(islice(summed, _AT_ONCE)):
        accesses = UsedAccess.objects.in_bulk([row[0] for row in chunk])
        _load_contexts(contexts, {each.context_id for each in accesses.values()})
        for access_id, count, denied, first_at, last_at in chunk:
            # One that aged out meanwhile is in no replay.
            access = accesses.get(access_id)
            if access is not None:
                context = contexts[access.context_id]
                yield _record(access, context, (count, denied, first_at, last_at))


def _load_contexts(into: "LRUCache[int, CallContext]", wanted: set[int]) -> None:
    missing = wanted - into.keys()
    if len(missing) + len(wanted) > into.maxsize:
        into.clear()
        missing = wanted
    for row in UsageContext.objects.filter(pk__in=missing):
        into[row.pk] = _context(row)


def _context(row: UsageContext) -> CallContext:
    pairs: list[ContextPair] = [
        (key, value if isinstance(value, str) else tuple(value))
        for key, value in row.context.items()
    ]
    return CallContext(tuple(sorted(pairs)), tuple(row.unknown_context))


def _record(
    access: UsedAccess, context: CallContext, counted: tuple[int, int, datetime, datetime]
) -> UsageRecord:
    return UsageRecord(
        account_id=access.account_id,
        principal=access.principal,
        action=access.action,
        resource=access.resource,
        region=access.region or None,
        context=dict(context.known),
        unknown_context=unknown_keys(access.action, context),
        count=counted[0],
        denied=counted[1],
        first_at=counted[2],
        last_at=counted[3],
    )


def daily_usage(
    viewer: Viewer, *, connection: Connection, since: date, until: date
) -> "QuerySet[DailyUsage]":
    """Return usage by access and day, from one day to another, both included."""
    rows = visible(DailyUsage.objects.filter(connection=connection), viewer)
    return rows.filter(day__gte=since, day__lte=until)


def used_accesses(viewer: Viewer, *, connection: Connection) -> "QuerySet[UsedAccess]":
    """Return every access whose use is on record, with its first and last day, by principal."""
    rows = visible(UsedAccess.objects.filter(connection=connection), viewer)
    return rows.order_by("principal", "action", "resource", "pk")


def daily_denials(
    viewer: Viewer, *, connection: Connection, since: date, until: date
) -> "QuerySet[DailyDenial]":
    """Return denials by cause and day, from one day to another, both included, newest first."""
    rows = visible(DailyDenial.objects.filter(connection=connection), viewer)
    return rows.filter(day__gte=since, day__lte=until).order_by("-last_at", "-pk")


def unmapped_calls(
    viewer: Viewer, *, connection: Connection, since: date, until: date
) -> Mapping[tuple[str, str], int]:
    """Return how many events are in no usage, by event source and name, most first."""
    rows = visible(UnmappedCall.objects.filter(connection=connection), viewer)
    counted: QuerySet[Any, Any] = (
        rows.filter(day__gte=since, day__lte=until)
        .values_list("event_source", "event_name")
        .annotate(total=Sum("count"))
        .order_by("-total", "event_source", "event_name")
    )
    return {(source, name): total for source, name, total in counted}


def logged_events(
    viewer: Viewer, *, connection: Connection, since: date, until: date
) -> "QuerySet[LoggedEvent]":
    """Return the events that were stored whole, from one day to another, newest first."""
    rows = visible(LoggedEvent.objects.filter(connection=connection), viewer)
    return rows.filter(day__gte=since, day__lte=until).order_by("-at", "-pk")
