"""Rows of the logs → occurrences."""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from hashlib import blake2b
from typing import Final

from django.db.models import Q

from governance.detections.facts import OrganizationFacts
from governance.detections.occurrences import Occurrence
from governance.detections.rules.document import DetectionRule
from inventory.models import Connection, DailyDenial, DailyUsage, LoggedEvent

_CHUNK: Final = 2000
_WILDCARDS: Final = {"*": ".*", "?": "."}


def logged_occurrences(connection: Connection, event_ids: Collection[str]) -> Iterator[Occurrence]:
    """Yield logged events by their ids, the oldest first."""
    rows = LoggedEvent.objects.filter(connection=connection, event_id__in=list(event_ids))
    for row in rows.order_by("at", "pk").iterator(chunk_size=_CHUNK):
        yield _logged(row)


def newest_occurrences(
    connection: Connection, pairs: Iterable[tuple[str, str]], *, since: datetime, until: datetime
) -> Iterator[Occurrence]:
    """Yield logged events by source and name between two times, the newest first."""
    wanted = set(pairs)
    rows = LoggedEvent.objects.filter(
        connection=connection,
        event_name__in=sorted({name for _, name in wanted}),
        at__gte=since,
        at__lt=until,
        day__gte=since.date(),
    )
    for row in rows.order_by("-at", "-pk").iterator(chunk_size=_CHUNK):
        if (row.event_source, row.event_name) in wanted:
            yield _logged(row)


def _logged(row: LoggedEvent) -> Occurrence:
    return Occurrence(
        key=row.event_id,
        at=row.at,
        last_at=row.at,
        account_id=row.account_id,
        region=row.region,
        event_source=row.event_source,
        event_name=row.event_name,
        principal=row.principal,
        content=row.event,
    )


def used_occurrences(
    connection: Connection,
    days: Collection[date],
    rules: Collection[DetectionRule],
    facts: OrganizationFacts,
) -> Iterator[Occurrence]:
    """Yield what was used on some days that usage rules may ask for."""
    condition = _usage_condition(rules, facts)
    if condition is None or not days:
        return
    rows = (
        DailyUsage.objects.filter(condition, connection=connection, day__in=sorted(days))
        .select_related("access", "access__context")
        .order_by("day", "access_id")
    )
    for row in rows.iterator(chunk_size=_CHUNK):
        access = row.access
        yield _counted(
            ("usage", row.day.isoformat(), str(access.digest)),
            {
                "account_id": access.account_id,
                "principal": access.principal,
                "action": access.action,
                "resource": access.resource,
                "region": access.region,
                "context": access.context.context,
            },
            row.first_at,
            row.last_at,
            row.count,
        )


def _usage_condition(rules: Collection[DetectionRule], facts: OrganizationFacts) -> Q | None:
    """Return what the rows of some rules have in common; None: no rule asks for usage."""
    found: Q | None = None
    for rule in rules:
        if rule.usage is None:
            continue
        mine = Q(access__action__in=rule.usage.actions) if rule.usage.actions else Q()
        wanted = rule.usage.where.get("principal")
        if isinstance(wanted, dict) and "matches" in wanted:
            mine &= Q(access__principal__regex=regex_of(str(wanted["matches"])))
        for each in rule.when:
            if each.predicate == "principal_matches":
                patterns = facts.roles_of(each.arguments)
                if not patterns:
                    mine &= Q(pk__in=[])
                named = Q()
                for pattern in patterns:
                    named |= Q(access__principal__regex=regex_of(pattern))
                mine &= named
        found = mine if found is None else found | mine
    return found


def regex_of(pattern: str) -> str:
    """Return a pattern with `*` and `?` as PostgreSQL's regular expressions have it."""
    text = "".join(_WILDCARDS.get(each) or re.escape(each) for each in pattern)
    return f"^{text}$"


def denied_occurrences(connection: Connection, days: Collection[date]) -> Iterator[Occurrence]:
    """Yield what was denied on some days, by cause."""
    rows = DailyDenial.objects.filter(connection=connection, day__in=sorted(days))
    for row in rows.order_by("day", "pk").iterator(chunk_size=_CHUNK):
        content = {
            "account_id": row.account_id,
            "principal": row.principal,
            "action": row.action,
            "resource": row.resource,
            "region": row.region,
            "policy_type": row.policy_type,
            "policy": row.policy,
            "reason": row.reason,
        }
        yield _counted(
            ("denial", row.day.isoformat(), str(row.digest)),
            content,
            row.first_at,
            row.last_at,
            row.count,
        )


def _counted(
    named: tuple[str, ...],
    content: dict[str, str],
    first_at: datetime,
    last_at: datetime,
    count: int,
) -> Occurrence:
    digest = blake2b("\n".join(named).encode(), digest_size=16).hexdigest()
    return Occurrence(
        key=f"{named[0]}:{digest}",
        at=first_at,
        last_at=last_at,
        account_id=content["account_id"],
        region=content["region"],
        event_source="",
        event_name=content["action"],
        principal=content["principal"],
        content=content,
        count=count,
    )
