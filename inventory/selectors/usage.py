"""What was used, as the logs say: read for a span of days, each time only what may be seen.

No rows does not mean that nothing was used: `inventory.selectors.logs.log_health` says whether the
logs of those days were read.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Final

from cachetools import LRUCache
from django.db.models import F, Max, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import Concat, StrIndex
from django.db.models.lookups import GreaterThan

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
    but_own_of: Collection[str] = (),
) -> Iterator[UsageRecord]:
    """Yield each access that was used from one day to another, both included, counted over them.

    In no order that means anything. `account_ids`: of the accounts that recorded it; None: all.
    `principal`, `action`: exactly these; empty: all. `but_own_of`: accounts whose own principals'
    use, as they recorded it, is left out: `own_calls` counts it. Memory does not grow with the
    records.
    """
    rows = daily_usage(viewer, connection=connection, since=since, until=until)
    if account_ids is not None:
        rows = rows.filter(access__account_id__any_of=sorted(account_ids))
    if principal:
        rows = rows.filter(access__principal=principal)
    if action:
        rows = rows.filter(access__action=action)
    if but_own_of:
        rows = _with_own(rows).exclude(is_own=True, access__account_id__any_of=sorted(but_own_of))
    summed = (
        rows.order_by()
        .values_list("access_id")
        .annotate(Sum("count"), Sum("denied"), Min("first_at"), Max("last_at"))
        .iterator(chunk_size=_AT_ONCE)
    )
    contexts: LRUCache[int, _HeldContext] = LRUCache(_CONTEXTS_HELD)
    while chunk := list(islice(summed, _AT_ONCE)):
        accesses = {row[0]: row for row in _accesses([row[0] for row in chunk])}
        _load_contexts(contexts, {access[6] for access in accesses.values()})
        for access_id, count, denied, first_at, last_at in chunk:
            # One that aged out meanwhile is in no replay.
            access = accesses.get(access_id)
            if access is not None:
                _, account_id, principal, action, resource, region, context_id = access
                context = contexts[context_id]
                yield UsageRecord(
                    account_id,
                    principal,
                    action,
                    resource,
                    region or None,
                    context.known,
                    context.unknown(action),
                    count,
                    denied,
                    first_at,
                    last_at,
                )


def _accesses(ids: list[int]) -> Iterator[tuple[int, str, str, str, str, str, int]]:
    """Yield what of accesses a record holds: rows, since objects of them cost most of a reading."""
    fields = ("pk", "account_id", "principal", "action", "resource", "region", "context_id")
    yield from UsedAccess.objects.filter(pk__in=ids).values_list(*fields)


class _HeldContext:
    """A context that many accesses share, and what is unknown of each action with it."""

    __slots__ = ("_context", "_unknown", "known")

    def __init__(self, row: UsageContext) -> None:
        pairs: list[ContextPair] = [
            (key, value if isinstance(value, str) else tuple(value))
            for key, value in row.context.items()
        ]
        self._context = CallContext(tuple(sorted(pairs)), tuple(row.unknown_context))
        self._unknown: dict[str, tuple[str, ...]] = {}
        self.known = dict(self._context.known)

    def unknown(self, action: str) -> tuple[str, ...]:
        """Return the keys of a call of an action that may have had any value."""
        found = self._unknown.get(action)
        if found is None:
            found = self._unknown[action] = unknown_keys(action, self._context)
        return found


def _load_contexts(into: "LRUCache[int, _HeldContext]", wanted: set[int]) -> None:
    missing = wanted - into.keys()
    if len(missing) + len(wanted) > into.maxsize:
        into.clear()
        missing = wanted
    for row in UsageContext.objects.filter(pk__in=missing):
        into[row.pk] = _HeldContext(row)


def daily_usage(
    viewer: Viewer, *, connection: Connection, since: date, until: date
) -> "QuerySet[DailyUsage]":
    """Return usage by access and day, from one day to another, both included."""
    rows = visible(DailyUsage.objects.filter(connection=connection), viewer)
    return rows.filter(day__gte=since, day__lte=until)


@dataclass(frozen=True, slots=True)
class OwnCalls:
    """Calls of an account's own principals. `by_linked_roles`: of them, of service-linked roles."""

    calls: int
    denied: int
    by_linked_roles: int


def own_calls(
    viewer: Viewer,
    *,
    connection: Connection,
    since: date,
    until: date,
    account_ids: Collection[str],
) -> Mapping[str, OwnCalls]:
    """Count by account what its own principals did in it, as the account recorded it."""
    rows = _with_own(daily_usage(viewer, connection=connection, since=since, until=until))
    linked = Q(access__principal__contains=":role/aws-service-role/")
    counted: QuerySet[Any, Any] = (
        rows.filter(is_own=True, access__account_id__any_of=sorted(account_ids))
        .order_by()
        .values_list("access__account_id")
        .annotate(
            calls=Sum("count"), denials=Sum("denied"), linked=Sum("count", filter=linked, default=0)
        )
    )
    return {account_id: OwnCalls(*counts) for account_id, *counts in counted}


def _with_own(rows: "QuerySet[DailyUsage]") -> "QuerySet[Any, Any]":
    """Say of each row whether the principal is of the account that recorded it."""
    mark = Concat(Value(":iam::"), F("access__account_id"), Value(":"))
    return rows.annotate(is_own=GreaterThan(StrIndex(F("access__principal"), mark), 0))


def used_actions(
    viewer: Viewer,
    *,
    connection: Connection,
    since: date,
    until: date,
    account_ids: Collection[str] | None = None,
) -> Mapping[str, Mapping[str, date]]:
    """Return by account the actions that its own principals called, each with the last day.

    From one day to another, both included, as the account recorded it; denied calls count, since
    somebody needed them. Service-linked roles are left out: no SCP binds them. An access of which
    only the days at both ends are known counts where they lie on both sides of the span.
    `account_ids`: of these alone; None: of all.
    """
    rows = visible(UsedAccess.objects.filter(connection=connection), viewer)
    if account_ids is not None:
        rows = rows.filter(account_id__any_of=sorted(account_ids))
    own = Concat(Value(":iam::"), F("account_id"), Value(":"))
    counted: QuerySet[Any, Any] = (
        rows.filter(last_day__gte=since, first_day__lte=until)
        .annotate(is_own=GreaterThan(StrIndex(F("principal"), own), 0))
        .filter(is_own=True)
        .exclude(principal__contains=":role/aws-service-role/")
        .order_by()
        .values_list("account_id", "action")
        .annotate(last=Max("last_day"))
    )
    found: dict[str, dict[str, date]] = {}
    for account_id, action, last in counted:
        found.setdefault(account_id, {})[action] = min(last, until)
    return found


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
