"""Counts of use and of denials over some days, as lists and charts show them.

Callers read which accesses and denials there are through `inventory.selectors.usage`, which knows
what a viewer may see; what is counted here is what they hand in.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import StrIndex, Substr

from inventory.models import Connection, DailyDenial, DailyUsage, DeniedCalls, UsedAccess
from inventory.viewing import Viewer, sees_whole, visible


@dataclass(frozen=True, slots=True)
class CountedUse:
    """Calls of some days, `denied` ones included, and when the first and last were made."""

    count: int
    denied: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class DenyingPolicy:
    """What AWS's messages name as the cause of denials. `policy` is empty where they name none.

    `principals`: how many were denied something.
    """

    policy_type: str
    policy: str
    count: int
    principals: int


def counted_uses(
    rows: Iterable[UsedAccess], *, since: date, until: date
) -> Mapping[int, CountedUse]:
    """Return how often each access was used from one day to another, both included, by its id.

    An access that was used on none of these days is not in it.
    """
    found: Any = (
        DailyUsage.objects.filter(
            access_id__in=[row.pk for row in rows], day__gte=since, day__lte=until
        )
        .values_list("access_id")
        .annotate(Sum("count"), Sum("denied"), Min("first_at"), Max("last_at"))
    )
    return {access_id: CountedUse(*counts) for access_id, *counts in found}


def newest_of_each_denial(
    rows: "QuerySet[DailyDenial]", *, since: date, until: date
) -> "QuerySet[DailyDenial]":
    """Keep of alike denials the one of the newest day up to `until`. `rows`: from `since` on."""
    later = DailyDenial.objects.filter(
        connection=OuterRef("connection"),
        digest=OuterRef("digest"),
        day__gt=OuterRef("day"),
        # Says no more than the rest does, but leaves out the partitions of the days before.
        day__gte=since,
        day__lte=until,
    )
    return rows.filter(~Exists(later))


def counted_causes(rows: "QuerySet[DailyDenial]", *, until: date, most: int) -> int:
    """Return how many different causes some days' denials have, `most` at most.

    No two rows of a day are alike: where one of the last two days up to `until`, of which the
    newest may have begun just now, has enough, no other is looked at.
    """
    rows = rows.order_by()
    for day in (until, until - timedelta(days=1)):
        if rows.filter(day=day).values("pk")[:most].count() == most:
            return most
    # Not cut to `most` in the query: that goes through all rows in the order of an index.
    return min(most, rows.values("digest").distinct().count())


def counted_denials(
    rows: Collection[DailyDenial], *, since: date, until: date
) -> Mapping[UUID, CountedUse]:
    """Return how often what each row denies was denied in these days, by its digest."""
    if not rows:
        return {}
    found: Any = (
        DailyDenial.objects.filter(
            connection_id__in={row.connection_id for row in rows},
            digest__in={row.digest for row in rows},
            day__gte=since,
            day__lte=until,
        )
        .values_list("digest")
        .annotate(Sum("count"), Min("first_at"), Max("last_at"))
    )
    return {
        digest: CountedUse(count, count, first_at, last_at)
        for digest, count, first_at, last_at in found
    }


def denials_by_calls(
    rows: "QuerySet[DailyDenial]",
    *,
    falling: bool,
    most: int,
    after: tuple[int, UUID] | None = None,
) -> list[tuple[UUID, int]]:
    """Return the digests of alike denials by how many calls there were, and how many.

    `rows`: of the days that count. `falling`: the most calls first. `after`: those beyond one.
    """
    sign, beyond = ("-", "lt") if falling else ("", "gt")
    found: Any = rows.order_by().values_list("digest").annotate(calls=Sum("count"))
    if after is not None:
        calls, digest = after
        equal = Q(calls=calls, **{f"digest__{beyond}": digest})
        found = found.filter(Q(**{f"calls__{beyond}": calls}) | equal)
    return list(found.order_by(f"{sign}calls", f"{sign}digest")[:most])


def denied_calls(
    viewer: Viewer,
    *,
    connection: Connection,
    since: date,
    until: date,
    account_id: str = "",
    service: str = "",
    policy: str = "",
    policy_types: Collection[str] = (),
) -> "QuerySet[DeniedCalls]":
    """Return denied calls of some days, both included, added up by service and policy.

    `account_id`: of this account's log; empty: of all that the viewer may see. The others: of
    these alone; empty: of all.
    """
    rows = visible(DeniedCalls.objects.filter(connection=connection), viewer)
    rows = rows.filter(day__gte=since, day__lte=until)
    if account_id or sees_whole(viewer, connection):
        rows = rows.filter(account_id=account_id)
    if service:
        rows = rows.filter(service=service)
    if policy:
        rows = rows.filter(policy=policy)
    return rows.filter(policy_type__in=policy_types) if policy_types else rows


def denials_by_day_and_service(
    rows: "QuerySet[DailyDenial] | QuerySet[DeniedCalls]",
) -> Mapping[tuple[date, str], int]:
    """Return how many calls were denied, by day and the service's prefix in the action."""
    by_service: Any = rows.order_by()
    if rows.model is DailyDenial:
        service = Substr("action", 1, StrIndex(F("action"), Value(":")) - 1)
        by_service = by_service.annotate(service=service)
    found: Any = by_service.values_list("day", "service").annotate(Sum("count"))
    return {(day, name): count for day, name, count in found}


def denials_by_policy(
    sums: "QuerySet[DailyDenial] | QuerySet[DeniedCalls]",
    rows: "QuerySet[DailyDenial]",
    *,
    most: int,
) -> list[DenyingPolicy]:
    """Return the policies that denied most calls, the first `most` of them.

    `sums`: what their calls are added up from. `rows`: the same denials with their principals.
    """
    by_policy: Any = sums.order_by()
    totals = list(
        by_policy.values_list("policy_type", "policy")
        .annotate(total=Sum("count"))
        .order_by("-total", "policy_type", "policy")[:most]
    )
    denied: dict[tuple[str, str], int] = {}
    pairs: Any = (
        rows.order_by()
        .filter(policy__in={policy for _, policy, _ in totals})
        .values_list("policy_type", "policy", "principal")
        .distinct()
    )
    for policy_type, policy, _ in pairs:
        denied[policy_type, policy] = denied.get((policy_type, policy), 0) + 1
    return [
        DenyingPolicy(policy_type, policy, count, denied.get((policy_type, policy), 0))
        for policy_type, policy, count in totals
    ]
