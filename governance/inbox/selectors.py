"""Reads of the inbox: the list, one item with its history, counts, trends."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from governance.inbox.models import InboxEvent, InboxItem, InboxReading
from inventory.models import Connection
from inventory.selectors.accounts import account_parents
from inventory.selectors.hierarchy import organizational_units
from inventory.selectors.policies import policy_attachments
from inventory.viewing import Viewer, sees_whole, targets_seen, visible

State, Severity, What = InboxItem.State, InboxItem.InboxSeverity, InboxEvent.What

# Somebody should look at these; the others wait for a day or are gone.
ACTIONABLE: Final = (State.OPEN, State.ASSIGNED)
_OPENS: Final = (What.FOUND, What.REOPENED)
_POLICY: Final = "POLICY"


def inbox_items(viewer: Viewer, *, connection: Connection) -> "QuerySet[InboxItem]":
    """Return the findings that a viewer may see, resolved ones too."""
    rows = visible(InboxItem.objects.all(), viewer).filter(connection=connection)
    return rows.select_related("assignee")


def inbox_item(viewer: Viewer, *, connection: Connection, item_id: int) -> InboxItem | None:
    """Return one finding by its number, None where the viewer sees none."""
    if item_id > 2**63 - 1:
        return None
    return inbox_items(viewer, connection=connection).filter(pk=item_id).first()


def item_events(item: InboxItem) -> "QuerySet[InboxEvent]":
    """Return what happened to a finding, the latest first."""
    return item.events.select_related("actor").order_by("-at", "-pk")


def with_words(words: str, viewer: Viewer, connection: Connection) -> Q:
    """Return the condition on findings that have words in title, place or kind.

    Who sees a part finds nothing by what a title says of the other accounts.
    """
    found = Q(title__icontains=words)
    about = Q(target_name__icontains=words)
    about |= Q(target_id__icontains=words) | Q(account_id__startswith=words)
    if not sees_whole(viewer, connection):
        found = Q(part_title__icontains=words) | (found & Q(part_title=""))
        about &= Q(account_id__any_of=["", *targets_seen(viewer, connection).account_ids])
    return found | about | Q(kind__icontains=words.replace(" ", "_"))


def overdue(now: datetime) -> Q:
    """Return the condition on findings that should have been put right by now."""
    return Q(due_at__lt=now, state__in=ACTIONABLE)


def below(connection: Connection, target_id: str, viewer: Viewer) -> Q:
    """Return the condition on findings of a root, OU or account and of all below it.

    Those about a policy are of each place at which it is attached; of a target that is hidden from
    who looks there are none.
    """
    if not targets_seen(viewer, connection).holds_by_name(target_id):
        return Q(pk__in=[])
    inside = accounts_below(viewer, connection=connection, target_id=target_id)
    places = [target_id, *inside.units, *inside.accounts]
    attached = policy_attachments(viewer, connection=connection).filter(target_id__any_of=places)
    here = Q(target_id__in=[target_id, *inside.units])
    here |= Q(account_id__any_of=[*inside.accounts])
    here |= Q(place_id__in=[target_id, *inside.units])
    here |= Q(target_kind=_POLICY, target_id__in=attached.order_by().values("policy_id"))
    return here | Q(account_ids__overlap=list(inside.accounts))


@dataclass(frozen=True, slots=True)
class Inside:
    """What lies at and below a target, of what somebody may see."""

    accounts: tuple[str, ...]
    units: tuple[str, ...]


def accounts_below(viewer: Viewer, *, connection: Connection, target_id: str) -> Inside:
    """Return the accounts and OUs at and below a target."""
    parents = unit_parents(viewer, connection=connection)
    inside = {target_id}
    waiting = [target_id]
    children: dict[str, list[str]] = {}
    for unit, parent in parents.items():
        children.setdefault(parent, []).append(unit)
    while waiting:
        for unit in children.get(waiting.pop(), ()):
            inside.add(unit)
            waiting.append(unit)
    accounts = tuple(
        account
        for account, parent in account_parents(viewer, connection=connection).items()
        if parent in inside or account == target_id
    )
    return Inside(accounts, tuple(sorted(inside - {target_id})))


def unit_parents(viewer: Viewer, *, connection: Connection) -> dict[str, str]:
    """Return the OUs that somebody may see, each with its parent."""
    rows = organizational_units(viewer, connection=connection)
    return dict(rows.values_list("target_id", "parent_id"))


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """Findings that are not resolved. `by_source`, `by_severity`: 0 for none. `unverified`: of
    these, those that cannot be verified."""

    total: int
    by_source: Mapping[str, int]
    by_severity: Mapping[str, int]
    overdue: int
    unverified: int


def inbox_counts(
    viewer: Viewer, *, connection: Connection, now: datetime, condition: Q | None = None
) -> InboxCounts:
    """Count the findings that are not resolved, in one query. `condition`: only of these."""
    rows = visible(InboxItem.objects.all(), viewer).filter(connection=connection)
    rows = rows.exclude(state=State.RESOLVED)
    if condition is not None:
        rows = rows.filter(condition)
    found = list(
        rows.order_by()
        .values_list("source", "severity")
        .annotate(
            n=Count("pk"),
            late=Count("pk", filter=overdue(now)),
            dark=Count("pk", filter=Q(verified=False)),
        )
    )
    by_source = dict.fromkeys(InboxItem.Source.values, 0)
    by_severity = dict.fromkeys(Severity.values, 0)
    for source, severity, n, *_ in found:
        by_source[source] += n
        by_severity[severity] += n
    return InboxCounts(
        total=sum(by_source.values()),
        by_source=by_source,
        by_severity=by_severity,
        overdue=sum(row[3] for row in found),
        unverified=sum(row[4] for row in found),
    )


def open_count(viewer: Viewer, *, connection: Connection) -> int:
    """Return how many findings are not resolved."""
    rows = visible(InboxItem.objects.all(), viewer).filter(connection=connection)
    return rows.exclude(state=State.RESOLVED).count()


@dataclass(frozen=True, slots=True)
class InboxDay:
    """One day's end. `open`: findings that were not resolved then."""

    day: date
    open: int
    found: int
    resolved: int


def inbox_trend(
    viewer: Viewer,
    *,
    connection: Connection,
    now: datetime,
    days: int = 90,
    rows: "QuerySet[Any] | None" = None,
) -> list[InboxDay]:
    """Return how many findings there were at the end of each day, the oldest day first.

    Counted from what happened to each finding, so that it is right for a part of them too. `rows`:
    of these findings alone. Days before the first finding are left out.
    """
    items: QuerySet[Any] = inbox_items(viewer, connection=connection) if rows is None else rows
    counted = (
        InboxEvent.objects.filter(
            item__in=items.order_by().values("pk"), what__in=(*_OPENS, What.RESOLVED)
        )
        .annotate(day=TruncDate("at"))
        .order_by()
        .values_list("day", "what")
        .annotate(n=Count("pk"))
    )
    opened: dict[date, int] = {}
    resolved: dict[date, int] = {}
    for day, what, n in counted:
        into = resolved if what == What.RESOLVED else opened
        into[day] = into.get(day, 0) + n
    known = sorted({*opened, *resolved})
    if not known:
        return []
    today = now.date()
    start = max(today - timedelta(days=days - 1), known[0])
    standing = sum(opened.get(day, 0) - resolved.get(day, 0) for day in known if day < start)
    told = []
    for number in range((today - start).days + 1):
        day = start + timedelta(days=number)
        standing += opened.get(day, 0) - resolved.get(day, 0)
        told.append(InboxDay(day, standing, opened.get(day, 0), resolved.get(day, 0)))
    return told


def timeline(
    viewer: Viewer, *, connection: Connection, sources: Collection[str] = ()
) -> "QuerySet[InboxEvent]":
    """Return what was found, found again and resolved, the latest first."""
    rows = visible(InboxItem.objects.all(), viewer).filter(connection=connection)
    if sources:
        rows = rows.filter(source__in=sources)
    told = (*_OPENS, What.RESOLVED, What.UNVERIFIED, What.EXCEPTED, What.MUTED)
    return (
        InboxEvent.objects.filter(item__in=rows.order_by().values("pk"), what__in=told)
        .select_related("item", "actor")
        .order_by("-at", "-pk")
    )


def inbox_readings(connection: Connection) -> dict[str, InboxReading]:
    """Return up to when each source is known, by source."""
    return {one.source: one for one in InboxReading.objects.filter(connection=connection)}
