"""Whether something new was found where a ring was applied: it holds the gate after the ring."""

from collections import Counter
from datetime import datetime
from typing import Final

from django.db.models import Q

from governance.changes.models import RolloutRing
from governance.changes.rollout.gates import (
    OBSERVATIONS,
    accounts_of,
    severities_in_words,
    units_of,
)
from governance.inbox.models import InboxItem, InboxReading

_STANDS: Final = (InboxItem.State.OPEN, InboxItem.State.ASSIGNED)
_ALWAYS_JUDGED: Final = (InboxItem.Source.STRUCTURE, InboxItem.Source.TRUST)


def new_findings(ring: RolloutRing, now: datetime) -> tuple[str, ...]:
    """Say how many findings are new at a ring's accounts and OUs, or that none was looked for.

    New: first found since the ring began, and nobody set it aside. What differs from the baseline
    is left out: `new_drift` says that. How many and how grave, not which: whoever reads the gate
    may not see all of them.
    """
    connection_id = ring.rollout.change_request.connection_id
    reasons = _unjudged(ring, connection_id)
    places = sorted({*accounts_of(ring), *units_of(ring), *ring.targets})
    found = InboxItem.objects.filter(
        Q(account_id__in=places)
        | Q(account_ids__overlap=places)
        | Q(target_id__in=places)
        | Q(place_id__in=places),
        connection_id=connection_id,
        state__in=_STANDS,
        first_seen_at__gte=ring.started_at or now,
    ).exclude(source=InboxItem.Source.DRIFT)
    graveness = Counter(found.values_list("severity", flat=True))
    if graveness:
        count = graveness.total()
        named = severities_in_words(graveness, InboxItem.InboxSeverity.values)
        noun = "finding is" if count == 1 else "findings are"
        reasons.append(f"{count} {noun} new in this ring ({named}): see Findings")
    return tuple(reasons)


def _unjudged(ring: RolloutRing, connection_id: int) -> list[str]:
    """Hold where findings were not looked for since the ring was applied.

    What is attached changed by the ring, so the structure is always judged again after it is read;
    the other sources only where what they rest on changed.
    """
    readings = {one.source: one for one in InboxReading.objects.filter(connection_id=connection_id)}
    reasons = []
    readings.pop(InboxItem.Source.DRIFT, None)
    for source in dict.fromkeys((*_ALWAYS_JUDGED, *readings)):
        label = InboxItem.Source(source).label.lower()
        reading = readings.get(source)
        if reading is None or reading.problem:
            reasons.append(f"{label} findings could not be checked")
        elif (
            source == InboxItem.Source.STRUCTURE
            and ring.applied_at is not None
            and reading.read_at < ring.applied_at
        ):
            reasons.append(f"{label} findings were not checked since the ring was applied")
    return reasons


def register() -> None:
    """Have gates ask for new findings."""
    if new_findings not in OBSERVATIONS:
        OBSERVATIONS.append(new_findings)
