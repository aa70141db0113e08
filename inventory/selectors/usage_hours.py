"""Calls by hour of the day and service, over some days."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Min, QuerySet, Sum

from inventory.models import Connection, HourlyCalls
from inventory.store.hours import HOURS
from inventory.viewing import Viewer, sees_whole, visible


@dataclass(frozen=True, slots=True)
class CallsByHour:
    """Calls of each service in the 24 hours of the day in UTC.

    `first_day`: the first of the days whose hours are known; None: of none.
    """

    services: Mapping[str, tuple[int, ...]]
    first_day: date | None


def calls_by_hour(
    viewer: Viewer,
    *,
    connection: Connection,
    since: date,
    until: date,
    account_id: str = "",
    services: Collection[str] | None = None,
    denied_only: bool = False,
) -> CallsByHour:
    """Add up calls by hour from one day to another, both included; services without any are left
    out.

    `account_id`: of this account's log; empty: of all that the viewer may see. `services`: of these
    alone; None: of all.
    """
    rows: QuerySet[Any] = visible(HourlyCalls.objects.filter(connection=connection), viewer)
    rows = rows.filter(day__gte=since, day__lte=until)
    if account_id or sees_whole(viewer, connection):
        rows = rows.filter(account_id=account_id)
    if services is not None:
        rows = rows.filter(service__in=sorted(services))
    counted = "denied" if denied_only else "calls"
    sums = {f"hour_{hour}": Sum(f"{counted}__{hour}", default=0) for hour in range(HOURS)}
    found = list(rows.order_by().values_list("service").annotate(Min("day"), **sums))
    return CallsByHour(
        {service: tuple(calls) for service, _, *calls in found if any(calls)},
        min((first for _, first, *_ in found), default=None),
    )
