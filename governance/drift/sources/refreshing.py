"""Looks at the sources of drift beside the structure, each where something changed for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from governance.drift.models import DriftItem, DriftReading
from governance.drift.sources.control_tower import ControlTowerDrift
from governance.drift.sources.guardrails import GuardrailDrift
from governance.drift.sources.roles import RoleDrift
from governance.drift.sources.services import ServiceDrift
from governance.drift.sources.source import DriftSource, SourceFindings, SourceLook
from governance.drift.sources.trust import ContractDrift
from governance.drift.sources.writes import WriteDrift
from governance.drift.storing import DriftContext, StoredDrift, store_differences, write_events
from governance.drift.weighing import weighed
from inventory.models import Connection

State = DriftItem.State
EXCEPTED: Final = "excepted"
EXCEPTION_ENDED: Final = "exception ended"

SOURCES: Final[tuple[DriftSource, ...]] = (
    GuardrailDrift(),
    ContractDrift(),
    ServiceDrift(),
    ControlTowerDrift(),
    RoleDrift(),
    WriteDrift(),
)


def refresh_sources(
    connection: Connection, reading: DriftReading, *, seen_at: datetime, now: datetime
) -> list[StoredDrift]:
    """Bring the items of each source up to what it finds; note in `reading` how far it looked."""
    stored = []
    for source in SOURCES:
        known: dict[str, Any] = reading.marks.get(source.prefix) or {}
        mark = source.mark(connection)
        items = DriftItem.objects.filter(connection=connection, subject__startswith=source.prefix)
        still_open = list(items.exclude(state=State.RESOLVED))
        if known.get("mark") == mark and not _may_be_unread(still_open, known, seen_at):
            continue
        since = datetime.fromisoformat(known["until"]) if known else None
        start = _from_the_start(known)
        found = source.find(SourceLook(connection, since, seen_at, still_open, start))
        context = DriftContext(connection, seen_at, now, None, since)
        closed = items.filter(state=State.RESOLVED, key__in=[one.key for one in found.differences])
        stored.append(_store(context, found, [*still_open, *closed]))
        reading.marks[source.prefix] = {
            "mark": mark,
            "until": seen_at.isoformat(),
            "from": None if start is None else start.isoformat(),
        }
    return stored


def _may_be_unread(
    still_open: Sequence[DriftItem], known: dict[str, Any], seen_at: datetime
) -> bool:
    """Whether items may be readable no more, or again: no row changes then, but a run ended."""
    is_later = known["until"] != seen_at.isoformat()
    return any(is_later or not item.verified for item in still_open)


def _from_the_start(known: dict[str, Any]) -> datetime | None:
    """Return from when on what was seen counts: all of it, but for organizations from before."""
    at = known.get("from", known.get("until"))
    return None if at is None else datetime.fromisoformat(at)


def _store(
    context: DriftContext, found: SourceFindings, looked_at: Sequence[DriftItem]
) -> StoredDrift:
    stored = store_differences(
        context,
        weighed(context.connection, found.differences),
        looked_at=looked_at,
        is_read=lambda item: item.subject not in found.unread,
        ended=found.ended,
    )
    _except(context, found, stored)
    return stored


def _except(context: DriftContext, found: SourceFindings, stored: StoredDrift) -> None:
    """Have items that an exception covers whole be excepted, and others not any more."""
    subjects = [one.subject for one in found.differences]
    items = DriftItem.objects.filter(
        connection=context.connection,
        subject__in=subjects,
        state__in=(State.OPEN, State.EXCEPTED, State.IGNORED),
    )
    events: list[tuple[DriftItem, str, dict[str, Any]]] = []
    for item in items:
        covered = item.subject in found.excepted
        if covered and item.state != State.EXCEPTED:
            item.state = State.EXCEPTED
            events.append((item, EXCEPTED, {}))
        elif not covered and item.state == State.EXCEPTED:
            item.state = State.OPEN
            events.append((item, EXCEPTION_ENDED, {}))
    DriftItem.objects.bulk_update([item for item, *_ in events], ["state"])
    write_events(events, at=context.now)
    stored.changed |= {item.pk for item, *_ in events}
