"""Items of drift follow what was found: they open, change, close and come back, with history."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from governance.drift.difference import DriftWeight, FoundDifference
from governance.drift.explaining import explained
from governance.drift.models import DriftEvent, DriftItem
from inventory.models import Connection

State = DriftItem.State
SEEN: Final = "seen"
CHANGED: Final = "changed"
GONE: Final = "gone"
BACK: Final = "back"
NOT_READABLE: Final = "not readable"
READABLE: Final = "readable again"
AS_AGREED: Final = "as agreed again"
EXPLAINED: Final = "explained by the logs"
ACCEPTED: Final = "accepted"
_LONGEST_NAME: Final = 512
_NOTHING: Final[Mapping[str, str]] = {}

_WRITTEN: Final = (
    *("desired", "collected", "base", "effect", "effect_detail", "severity", "accounts"),
    *("state", "verified", "first_seen_at", "last_seen_at", "resolved_at", "resolution"),
    *("reopened", "explained_by", "baseline_version", "target_name", "place_id", "account_id"),
    *("attribute", "target_id"),
)


@dataclass(slots=True)
class StoredDrift:
    """What was written. `appeared`: opened, back, or otherwise than before. `changed`: all ids."""

    appeared: list[DriftItem] = field(default_factory=list)
    changed: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class DriftContext:
    """What items are written with. `seen_at`: the start of the run that saw them."""

    connection: Connection
    seen_at: datetime
    now: datetime
    baseline_version: int | None = None
    since: datetime | None = None


def store_differences(
    context: DriftContext,
    found: Sequence[tuple[FoundDifference, DriftWeight]],
    *,
    looked_at: Collection[DriftItem],
    is_read: Callable[[DriftItem], bool],
    ended: Mapping[str, str] = _NOTHING,
) -> StoredDrift:
    """Bring items up to what was found.

    `looked_at`: the items whose subjects were compared, in whatever state. One that is not found
    any more is resolved where its place `is_read`, and cannot be verified where it is not.
    `ended`: subjects of which there is no drift for another reason than that all is as agreed.
    """
    stored = StoredDrift()
    by_key = {item.key: item for item in looked_at}
    events: list[tuple[DriftItem, str, dict[str, Any]]] = []
    made: list[DriftItem] = []
    touched: list[DriftItem] = []
    unchanged: list[int] = []
    for difference, weight in found:
        item = by_key.pop(difference.key, None)
        if item is None:
            item = _new_item(context, difference, weight)
            made.append(item)
            events.append((item, SEEN, {}))
            continue
        happened = _follow(context, item, difference, weight)
        verified = is_read(item)
        if item.verified != verified:
            item.verified = verified
            item.last_seen_at = context.seen_at
            happened.append(READABLE if verified else NOT_READABLE)
        if happened:
            touched.append(item)
            events += [(item, what, {}) for what in happened]
        else:
            unchanged.append(item.pk)
    for item in by_key.values():
        reason = ended.get(item.subject, "")
        is_over = bool(reason) or is_read(item)
        what = _leave(context, item, is_read=is_over, reason=reason or AS_AGREED)
        if what:
            touched.append(item)
            events.append((item, what, {}))
    appeared = [*made, *(item for item, what, _ in events if what in (CHANGED, BACK))]
    _explain(context, appeared)
    DriftItem.objects.bulk_create(made, batch_size=500)
    DriftItem.objects.bulk_update(touched, _WRITTEN, batch_size=500)
    if unchanged:
        DriftItem.objects.filter(pk__in=unchanged).update(last_seen_at=context.seen_at)
    write_events(events, at=context.now)
    stored.appeared = appeared
    stored.changed = {item.pk for item in (*made, *touched)}
    return stored


def write_events(
    events: Iterable[tuple[DriftItem, str, dict[str, Any]]],
    *,
    at: datetime,
    actor_id: int | None = None,
) -> None:
    """Write what happened to items into their history."""
    DriftEvent.objects.bulk_create(
        [
            DriftEvent(item=item, at=at, what=what, detail=detail, actor_id=actor_id)
            for item, what, detail in events
        ],
        batch_size=1000,
    )


def _new_item(context: DriftContext, difference: FoundDifference, weight: DriftWeight) -> DriftItem:
    item = DriftItem(
        connection=context.connection,
        key=difference.key,
        subject=difference.subject,
        kind=difference.kind,
        target_kind=difference.target_kind,
        first_seen_at=context.seen_at,
        last_seen_at=context.seen_at,
    )
    _fill(context, item, difference, weight)
    return item


def _fill(
    context: DriftContext, item: DriftItem, difference: FoundDifference, weight: DriftWeight
) -> None:
    item.target_name = difference.target_name[:_LONGEST_NAME]
    item.target_id = difference.target_id
    item.place_id = difference.place_id
    item.account_id = difference.account_id
    item.attribute = difference.attribute
    item.desired = difference.desired
    item.collected = difference.collected
    if difference.base is not None:
        item.base = difference.base
    item.effect = weight.effect
    item.effect_detail = dict(weight.detail)
    item.severity = weight.severity
    item.accounts = weight.accounts
    item.baseline_version = context.baseline_version
    item.last_seen_at = context.seen_at


def _follow(
    context: DriftContext, item: DriftItem, difference: FoundDifference, weight: DriftWeight
) -> list[str]:
    """Bring an item up to what was found; return what happened, nothing where it is as it was."""
    was = (item.desired, item.collected)
    weighed = (item.effect, item.severity, item.accounts)
    if item.state == State.RESOLVED:
        item.base = None
        _fill(context, item, difference, weight)
        item.state = State.OPEN
        item.resolved_at = None
        item.resolution = ""
        item.first_seen_at = context.seen_at
        item.reopened += 1
        item.verified = True
        item.explained_by = None
        return [BACK]
    differs = was != (difference.desired, difference.collected)
    heavier = weighed != (weight.effect, weight.severity, weight.accounts)
    if not differs and not heavier and difference.base in (None, item.base):
        return []
    _fill(context, item, difference, weight)
    return [CHANGED] if differs else ["weighed"]


def _leave(context: DriftContext, item: DriftItem, *, is_read: bool, reason: str) -> str:
    """Resolve an item that was not found, where its place was read; return what happened."""
    if item.state == State.RESOLVED:
        return ""
    if not is_read:
        if not item.verified:
            return ""
        item.verified = False
        return NOT_READABLE
    item.state = State.RESOLVED
    item.verified = True
    item.resolved_at = context.now
    item.resolution = item.resolution or reason
    return GONE


def _explain(context: DriftContext, items: Sequence[DriftItem]) -> None:
    if not items:
        return
    known = explained(context.connection, items, since=context.since)
    for item in items:
        found = known.get(item.key)
        if found is not None:
            item.explained_by = found.as_json()
