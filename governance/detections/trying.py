"""Trying a detection rule on what the logs hold before it is saved; nothing is stored."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from governance.detections.facts import OrganizationFacts
from governance.detections.judgeable import read_for_rules
from governance.detections.matching import RuleIndex, RuleMatch
from governance.detections.occurrences import Occurrence
from governance.detections.reading_logs import (
    denied_occurrences,
    newest_occurrences,
    used_occurrences,
)
from governance.detections.rules.document import DetectionRule, SourceOfPattern
from governance.detections.storing import window_start
from inventory.logs.kept_events import is_always_kept, kept_since
from inventory.models import Connection
from inventory.viewing import Viewer, targets_seen

TRIED_DAYS: Final = 30
MOST_OCCURRENCES: Final = 20_000


@dataclass(frozen=True, slots=True)
class TriedDetection:
    """What would be one detection. `unknown`: conditions that cannot be decided."""

    subject: str
    first_at: datetime
    last_at: datetime
    count: int
    account_id: str
    principal: str
    event_name: str
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TriedDetectionRule:
    """What a rule would have found between two times, in the accounts that the viewer may see.

    `found`: the newest first. `below`: subjects and windows with fewer calls than the rule asks
    for. `examined`: events, or counted accesses, that its patterns name; `is_cut`: older ones were
    left out. `unknown_because`: why nothing is known; empty: it is. `not_stored`: events that were
    not stored whole throughout, each with since when; None: not before the rule is saved.
    """

    rule: DetectionRule
    since: datetime
    until: datetime
    found: tuple[TriedDetection, ...]
    below: int
    examined: int
    is_cut: bool
    unknown_because: str
    not_stored: tuple[tuple[str, datetime | None], ...]


def try_detection_rule(
    viewer: Viewer, *, connection: Connection, rule: DetectionRule, now: datetime
) -> TriedDetectionRule:
    """Judge the last days by one rule, the newest first."""
    since = now - timedelta(days=TRIED_DAYS)
    facts = OrganizationFacts(connection, since=since, until=now)
    seen = targets_seen(viewer, connection)
    judge = _judge(rule)
    examined, cut = 0, False
    windows: dict[tuple[str, datetime], list[RuleMatch]] = {}
    for occurrence in _occurrences(connection, rule, facts, since, now):
        if examined >= MOST_OCCURRENCES:
            cut = True
            break
        if not seen.holds_account(occurrence.account_id):
            continue
        examined += 1
        for match in judge(occurrence, facts):
            start = window_start(occurrence.at, rule.window_hours)
            windows.setdefault((match.subject, start), []).append(match)
    found = [_tried(subject, matches) for (subject, _), matches in windows.items()]
    enough = [one for one in found if one.count >= rule.at_least]
    return TriedDetectionRule(
        rule=rule,
        since=since,
        until=now,
        found=tuple(sorted(enough, key=lambda one: one.last_at, reverse=True)),
        below=len(found) - len(enough),
        examined=examined,
        is_cut=cut,
        unknown_because=read_for_rules(connection).unknown_because(rule),
        not_stored=_not_stored(connection, rule, since),
    )


def _occurrences(
    connection: Connection,
    rule: DetectionRule,
    facts: OrganizationFacts,
    since: datetime,
    until: datetime,
) -> Iterator[Occurrence]:
    if rule.pattern_source is SourceOfPattern.EVENTS:
        yield from newest_occurrences(connection, rule.event_pairs(), since=since, until=until)
        return
    for age in range((until.date() - since.date()).days + 1):
        day = until.date() - timedelta(days=age)
        if rule.pattern_source is SourceOfPattern.USAGE:
            yield from used_occurrences(connection, [day], [rule], facts)
        else:
            yield from denied_occurrences(connection, [day])


def _judge(rule: DetectionRule) -> Callable[[Occurrence, OrganizationFacts], Iterator[RuleMatch]]:
    index = RuleIndex([rule])
    if rule.pattern_source is SourceOfPattern.EVENTS:
        return index.of_event
    if rule.pattern_source is SourceOfPattern.USAGE:
        return index.of_usage
    return index.of_denial


def _tried(subject: str, matches: Sequence[RuleMatch]) -> TriedDetection:
    newest = max((one.occurrence for one in matches), key=lambda one: one.last_at)
    return TriedDetection(
        subject=subject,
        first_at=min(one.occurrence.at for one in matches),
        last_at=newest.last_at,
        count=sum(one.occurrence.count for one in matches),
        account_id=newest.account_id,
        principal=newest.principal,
        event_name=newest.event_name,
        unknown=tuple(sorted({name for one in matches for name in one.unknown})),
    )


def _not_stored(
    connection: Connection, rule: DetectionRule, since: datetime
) -> tuple[tuple[str, datetime | None], ...]:
    known = kept_since(connection.pk)
    found = []
    for source, name in dict.fromkeys(rule.event_pairs()):
        stored = known.get((source, name))
        if not is_always_kept(source, name) and (stored is None or stored > since):
            found.append((f"{source}:{name}", stored))
    return tuple(found)
