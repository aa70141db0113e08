"""Matches → detections: one for each rule, subject and window, with its evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Max, Min, Sum

from governance.detections.matching import RuleMatch
from governance.detections.models import Detection, DetectionEvidence
from governance.detections.occurrences import account_in
from governance.detections.rules.document import DetectionSubjectKind
from inventory.cloudtrail.events import is_account
from inventory.models import Connection

MOST_RECORDS: Final = 50
"""Of so many events a detection holds the whole record; of the others what lists show."""

_BATCH: Final = 1000
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WRITTEN: Final = (
    *("title", "severity", "topic", "account_id", "subject_account_id", "principal"),
    *("first_at", "last_at", "count", "unknown", "raised_at", "updated_at"),
    *("closed_at", "closed_by", "closed_as", "closed_for"),
)

DetectionKey = tuple[str, str, str, datetime]


@dataclass(slots=True)
class StoredDetections:
    """What was written, as primary keys. `raised`: those that became visible, or open again."""

    raised: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)


def window_start(at: datetime, window_hours: int) -> datetime:
    """Return the beginning of the window in which a time lies."""
    window = timedelta(hours=window_hours)
    return _BEGINNING + (at - _BEGINNING) // window * window


def store_matches(
    connection: Connection, matches: Sequence[RuleMatch], *, now: datetime
) -> StoredDetections:
    """Store matches with their evidence, in the caller's transaction and lock.

    A detection that was closed is open again when a later event is found.
    """
    stored = StoredDetections()
    by_key: dict[DetectionKey, list[RuleMatch]] = {}
    for match in matches:
        by_key.setdefault(_key(match), []).append(match)
    if not by_key:
        return stored
    rows = _rows(connection, by_key, now)
    for key, mine in by_key.items():
        detection = rows[key]
        added = _add_evidence(detection, mine)
        if not added:
            continue
        _bring_up(detection, mine, now, stored)
    Detection.objects.bulk_update(
        [one for one in rows.values() if one.pk in set(stored.changed)], _WRITTEN, batch_size=_BATCH
    )
    return stored


def _key(match: RuleMatch) -> DetectionKey:
    rule = match.rule
    start = window_start(match.occurrence.at, rule.window_hours)
    return rule.id, rule.subject.kind.value, match.subject, start


def _rows(
    connection: Connection, by_key: dict[DetectionKey, list[RuleMatch]], now: datetime
) -> dict[DetectionKey, Detection]:
    rules = {key[0] for key in by_key}
    starts = {key[3] for key in by_key}
    known = Detection.objects.select_for_update().filter(
        connection=connection, rule_id__in=rules, window_start__in=starts
    )
    rows = {(one.rule_id, one.subject_kind, one.subject_id, one.window_start): one for one in known}
    made = [_new(connection, key, mine[0], now) for key, mine in by_key.items() if key not in rows]
    Detection.objects.bulk_create(made, batch_size=_BATCH)
    for one in made:
        rows[(one.rule_id, one.subject_kind, one.subject_id, one.window_start)] = one
    return rows


def _new(connection: Connection, key: DetectionKey, match: RuleMatch, now: datetime) -> Detection:
    occurrence = match.occurrence
    return Detection(
        connection=connection,
        rule_id=key[0],
        title=match.rule.title,
        severity=match.rule.severity.value,
        topic=match.rule.topic.value,
        subject_kind=key[1],
        subject_id=key[2],
        window_start=key[3],
        first_at=occurrence.at,
        last_at=occurrence.last_at,
        updated_at=now,
    )


def _add_evidence(detection: Detection, matches: Iterable[RuleMatch]) -> bool:
    """Store the evidence that is new or was counted anew; return whether there is any."""
    known = {
        key: (count, last_at)
        for key, count, last_at in detection.evidence.values_list("key", "count", "last_at")
    }
    room = MOST_RECORDS - len(known)
    made: dict[str, DetectionEvidence] = {}
    changed = False
    for match in matches:
        one = match.occurrence
        if one.key in made:
            continue
        row = DetectionEvidence(
            detection=detection,
            key=one.key,
            at=one.at,
            last_at=one.last_at,
            account_id=one.account_id[:12],
            region=one.region,
            event_source=one.event_source,
            event_name=one.event_name,
            principal=one.principal,
            count=one.count,
        )
        if one.key in known:
            if known[one.key] != (one.count, one.last_at):
                detection.evidence.filter(key=one.key).update(
                    at=one.at, last_at=one.last_at, count=one.count
                )
                changed = True
            continue
        if room > 0:
            row.content = dict(one.content)
            room -= 1
        made[one.key] = row
    DetectionEvidence.objects.bulk_create(made.values(), batch_size=_BATCH)
    return changed or bool(made)


def _bring_up(
    detection: Detection, matches: Sequence[RuleMatch], now: datetime, stored: StoredDetections
) -> None:
    rule = matches[-1].rule
    totals = detection.evidence.aggregate(calls=Sum("count"), first=Min("at"), last=Max("last_at"))
    newest = max(matches, key=lambda one: one.occurrence.last_at).occurrence
    later = totals["last"] > detection.last_at or detection.raised_at is None
    detection.title = rule.title
    detection.severity = rule.severity.value
    detection.topic = rule.topic.value
    detection.count = totals["calls"]
    detection.first_at, detection.last_at = totals["first"], totals["last"]
    if later or not detection.principal:
        detection.principal = newest.principal
        detection.account_id = newest.account_id
    detection.subject_account_id = _account_of_subject(detection, newest.account_id)
    detection.unknown = sorted(
        {*detection.unknown, *(one for each in matches for one in each.unknown)}
    )
    detection.updated_at = now
    was_open = detection.raised_at is not None and detection.closed_at is None
    if detection.count >= rule.at_least:
        detection.raised_at = detection.raised_at or now
        if detection.closed_at is not None and later:
            detection.closed_at = detection.closed_by = None
            detection.closed_as = detection.closed_for = ""
        if not was_open and detection.closed_at is None:
            stored.raised.append(detection.pk)
    stored.changed.append(detection.pk)


def _account_of_subject(detection: Detection, account_id: str) -> str:
    """Return the account that a detection is about: the subject, its account, or the event's."""
    if is_account(detection.subject_id):
        return detection.subject_id
    found = account_in(detection.subject_id)
    if found or detection.subject_kind in (
        DetectionSubjectKind.POLICY,
        DetectionSubjectKind.ORGANIZATION,
        DetectionSubjectKind.ORGANIZATIONAL_UNIT,
        DetectionSubjectKind.SERVICE,
    ):
        return found
    return account_id
