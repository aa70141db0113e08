"""Whether drift appeared where a ring was applied that the change itself does not explain."""

from collections import Counter
from datetime import datetime

from django.db.models import Q

from governance.baseline.structure.versions import baseline_in_force
from governance.changes.models import RolloutRing
from governance.changes.rollout.gates import (
    OBSERVATIONS,
    accounts_of,
    severities_in_words,
    units_above,
    units_of,
)
from governance.drift.models import DriftItem, DriftReading


def new_drift(ring: RolloutRing, now: datetime) -> tuple[str, ...]:
    """Say how much drift is new where a ring applies, or that none was looked for.

    New: first seen since the ring began, and not written by this request. It counts at the ring's
    accounts and OUs and at what stands above them. Without a baseline nothing can differ from it.
    """
    request = ring.rollout.change_request
    if baseline_in_force(request.connection) is None:
        return ()
    reading = DriftReading.objects.filter(connection_id=request.connection_id).first()
    until = reading.looked_until if reading else None
    reasons = []
    if until is None or (ring.applied_at is not None and until < ring.applied_at):
        reasons.append("drift was not checked since the ring was applied")
    places = {*accounts_of(ring), *units_of(ring), *units_above(ring), *ring.targets}
    items = DriftItem.objects.filter(
        Q(account_id__in=places) | Q(place_id__in=places),
        connection_id=request.connection_id,
        state=DriftItem.State.OPEN,
        first_seen_at__gte=ring.started_at or now,
    )
    severities = Counter(
        severity
        for severity, by in items.values_list("severity", "explained_by")
        if (by or {}).get("change_number") != request.number
    )
    if severities:
        count = severities.total()
        named = severities_in_words(severities, DriftItem.DriftSeverity.values)
        noun = "drift item is" if count == 1 else "drift items are"
        reasons.append(f"{count} {noun} new where this ring applies ({named}): see Findings")
    return tuple(reasons)


def register() -> None:
    """Have gates ask for new drift."""
    if new_drift not in OBSERVATIONS:
        OBSERVATIONS.append(new_drift)
