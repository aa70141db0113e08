"""Open drift as the inbox has it, with who caused it: for the home screen and pages of places."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from governance.drift.explaining import explanation_words
from governance.drift.selectors import drift_items
from governance.inbox.models import InboxItem
from governance.inbox.selectors import below, inbox_counts, inbox_items
from inventory.models import Connection
from inventory.viewing import Viewer

State, Source = InboxItem.State, InboxItem.Source


@dataclass(frozen=True, slots=True)
class NewDrift:
    """One item. `who`: who did it, or that no log tells; `change_number`: by which request."""

    item: InboxItem
    who: str
    change_number: int | None


@dataclass(frozen=True, slots=True)
class OpenDrift:
    """Drift that is not resolved. `unverified`: of `total`, those that cannot be verified now."""

    total: int
    by_severity: Mapping[str, int]
    unverified: int
    newest: tuple[NewDrift, ...]


def open_drift(
    viewer: Viewer, *, connection: Connection, now: datetime, within: str = "", shown: int = 5
) -> OpenDrift:
    """Return how much drift is not resolved, by severity, and the newest of it.

    `within`: a root, OU or account: it and all below. Counted as the inbox lists it, so that a
    number agrees with the rows it leads to.
    """
    condition = Q(source=Source.DRIFT)
    if within:
        condition &= below(connection, within, viewer)
    counts = inbox_counts(viewer, connection=connection, now=now, condition=condition)
    newest = []
    if counts.total and shown:
        rows = inbox_items(viewer, connection=connection).filter(condition)
        rows = rows.exclude(state=State.RESOLVED).order_by("-first_seen_at", "-pk")
        found = list(rows[:shown])
        known = {
            one.key: one
            for one in drift_items(viewer, connection=connection).filter(
                key__in=[one.source_key for one in found]
            )
        }
        for item in found:
            drift = known.get(item.source_key)
            explained = (drift.explained_by or {}) if drift else {}
            newest.append(
                NewDrift(
                    item,
                    explanation_words(drift) if drift else "Not known",
                    explained.get("change_number"),
                )
            )
    return OpenDrift(counts.total, counts.by_severity, counts.unverified, tuple(newest))
