"""Matches → detections: one for each rule, subject and window, with its evidence."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import Max, Min, Sum

from governance.detections.matching import RuleMatch
from governance.detections.models import Detection, DetectionEvidence
from governance.detections.occurrences import Occurrence, account_in
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
    touched = _add_evidence([(rows[key], mine) for key, mine in by_key.items()])
    totals = _totals(touched)
    for key, mine in by_key.items():
        detection = rows[key]
        if detection.pk in touched:
            _bring_up(detection, mine, totals[detection.pk], now, stored)
    Detection.objects.bulk_update(
        [one for one in rows.values() if one.pk in touched], _WRITTEN, batch_size=_BATCH
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


def _add_evidence(matches: Sequence[tuple[Detection, Sequence[RuleMatch]]]) -> set[int]:
    """Store the evidence that is new or was counted again; return the detections that have any."""
    known: dict[int, dict[str, tuple[int, datetime]]] = {each.pk: {} for each, _ in matches}
    for pk, key, count, last_at in DetectionEvidence.objects.filter(
        detection_id__in=known
    ).values_list("detection_id", "key", "count", "last_at"):
        known[pk][key] = count, last_at
    made: list[DetectionEvidence] = []
    touched: set[int] = set()
    for detection, mine in matches:
        there = known[detection.pk]
        room = MOST_RECORDS - len(there)
        for one in _each_once(mine):
            if one.key in there:
                if there[one.key] != (one.count, one.last_at):
                    detection.evidence.filter(key=one.key).update(
                        at=one.at, last_at=one.last_at, count=one.count
                    )
                    touched.add(detection.pk)
                continue
            made.append(_evidence(detection, one, whole=room > 0))
            room -= 1
            touched.add(detection.pk)
    DetectionEvidence.objects.bulk_create(made, batch_size=_BATCH)
    return touched


def _each_once(matches: Iterable[RuleMatch]) -> Iterator[Occurrence]:
    seen: set[str] = set()
    for match in matches:
        if match.occurrence.key not in seen:
            seen.add(match.occurrence.key)
            yield match.occurrence


def _evidence(detection: Detection, one: Occurrence, *, whole: bool) -> DetectionEvidence:
    return DetectionEvidence(
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
        content=dict(one.content) if whole else None,
    )


def _totals(detection_ids: Collection[int]) -> Mapping[int, tuple[int, datetime, datetime]]:
    """Return of each detection how many calls its evidence has, and the first and last time."""
    found: Any = (
        DetectionEvidence.objects.filter(detection_id__in=detection_ids)
        .order_by()
        .values_list("detection_id")
        .annotate(calls=Sum("count"), first=Min("at"), last=Max("last_at"))
    )
    return {pk: (calls, first, last) for pk, calls, first, last in found}


def _bring_up(
    detection: Detection,
    matches: Sequence[RuleMatch],
    totals: tuple[int, datetime, datetime],
    now: datetime,
    stored: StoredDetections,
) -> None:
    rule = matches[-1].rule
    calls, first_at, last_at = totals
    newest = max(matches, key=lambda one: one.occurrence.last_at).occurrence
    later = last_at > detection.last_at or detection.raised_at is None
    detection.title = rule.title
    detection.severity = rule.severity.value
    detection.topic = rule.topic.value
    detection.count, detection.first_at, detection.last_at = calls, first_at, last_at
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
