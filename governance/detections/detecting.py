"""Judges what was read of the logs by the rules, and stores what they find."""

import logging
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.db import transaction

from governance.detections.facts import OrganizationFacts
from governance.detections.matching import RuleIndex, RuleMatch
from governance.detections.models import UnjudgedLogs
from governance.detections.occurrences import Occurrence
from governance.detections.reading_logs import (
    denied_occurrences,
    logged_occurrences,
    used_occurrences,
)
from governance.detections.rules.document import DetectionRule
from governance.detections.signals import detections_changed
from governance.detections.storing import store_matches
from governance.detections.written_rules import enabled_rules
from inventory.models import Connection
from inventory.store.locks import hold_lock

log = logging.getLogger(__name__)

_MOST_BATCHES: Final = 50


@dataclass(slots=True)
class JudgedLogs:
    """What one evaluation did. `raised`: detections that became visible; `changed`: all touched."""

    events: int = 0
    days: int = 0
    raised: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)


def detect(
    connection: Connection,
    *,
    event_ids: Collection[str] = (),
    days: Collection[date] = (),
    now: datetime,
) -> JudgedLogs:
    """Judge logged events, and the usage and denials of days, in one transaction.

    The same ones judged again change nothing: evidence is stored by its key.
    """
    done = JudgedLogs(events=len(event_ids), days=len(days))
    with transaction.atomic():
        hold_lock(f"detections:{connection.pk}")
        matches = list(_matches(connection, event_ids, sorted(days), now))
        stored = store_matches(connection, matches, now=now)
        done.raised, done.changed = stored.raised, stored.changed
        if stored.changed:
            detections_changed.send(sender=JudgedLogs, connection=connection)
    return done


def detect_unjudged(connection: Connection, *, with_days: bool, now: datetime) -> JudgedLogs:
    """Judge what was read since the last time; return what all of it came to.

    `with_days`: usage and denials too, which are judged by the day and so less often. What is
    judged is forgotten in the transaction that stores what it came to: a worker that dies leaves
    it for the next.
    """
    whole = JudgedLogs()
    while True:
        with transaction.atomic():
            rows = UnjudgedLogs.objects.select_for_update(skip_locked=True)
            rows = rows.filter(connection=connection).order_by("pk")
            if not with_days:
                rows = rows.exclude(event_ids=[])
            batch = list(rows[:_MOST_BATCHES])
            if not batch:
                return whole
            event_ids = list(dict.fromkeys(one for row in batch for one in row.event_ids))
            days = {date.fromisoformat(day) for row in batch for day in row.days}
            done = detect(
                connection,
                event_ids=event_ids,
                days=days if with_days else (),
                now=now,
            )
            if with_days:
                UnjudgedLogs.objects.filter(pk__in=[row.pk for row in batch]).delete()
            else:
                _forget_events(batch)
        whole.events += done.events
        whole.days += done.days
        whole.raised += done.raised
        whole.changed += done.changed


def _forget_events(batch: Iterable[UnjudgedLogs]) -> None:
    """Leave of each row the days, which are judged later."""
    gone = []
    for row in batch:
        if row.days:
            row.event_ids = []
            row.save(update_fields=["event_ids"])
        else:
            gone.append(row.pk)
    UnjudgedLogs.objects.filter(pk__in=gone).delete()


def _matches(
    connection: Connection, event_ids: Collection[str], days: Collection[date], now: datetime
) -> Iterator[RuleMatch]:
    rules = tuple(enabled_rules(connection).values())
    index = RuleIndex(rules)
    events = list(logged_occurrences(connection, event_ids)) if event_ids else []
    facts = OrganizationFacts(connection, **_span(events, days, now))
    for occurrence in events:
        yield from index.of_event(occurrence, facts)
    if days:
        yield from _of_days(connection, days, rules, index, facts)


def _of_days(
    connection: Connection,
    days: Collection[date],
    rules: Collection[DetectionRule],
    index: RuleIndex,
    facts: OrganizationFacts,
) -> Iterator[RuleMatch]:
    for occurrence in used_occurrences(connection, days, index.usage, facts):
        yield from index.of_usage(occurrence, facts)
    if index.denials:
        for occurrence in denied_occurrences(connection, days):
            yield from index.of_denial(occurrence, facts)


def _span(
    events: Collection[Occurrence], days: Collection[date], now: datetime
) -> dict[str, datetime]:
    times = [one.at for one in events]
    times += [datetime.combine(day, time.min, UTC) for day in days]
    if not times:
        return {"since": now, "until": now}
    last = max(times) + timedelta(days=1 if days else 0)
    return {"since": min(times), "until": last}
