"""Open drift as the inbox has it, with who caused it: for the home screen and pages of places."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from governance.drift.explaining import explanation_words, unexplained_words
from governance.drift.selectors import drift_items
from governance.inbox.models import InboxItem
from governance.inbox.selectors import below, inbox_counts, inbox_items
from governance.inbox.shown import FindingsShown
from inventory.models import Connection
from inventory.selectors.policies import policy_attachments
from inventory.viewing import Viewer, visible

State, Source = InboxItem.State, InboxItem.Source


@dataclass(frozen=True, slots=True)
class NewDrift:
    """One item. `who`: who did it, or that no log tells; `change_number`: by which request."""

    item: InboxItem
    title: str
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
        unexplained = unexplained_words(connection) if found else ""
        seen = FindingsShown(viewer, connection)
        for item in found:
            drift = known.get(item.source_key)
            explained = (drift.explained_by or {}) if drift else {}
            newest.append(
                NewDrift(
                    item,
                    seen.of(item).title,
                    explanation_words(drift, unexplained) if drift else "Not known",
                    explained.get("change_number"),
                )
            )
    return OpenDrift(counts.total, counts.by_severity, counts.unverified, tuple(newest))


@dataclass(slots=True)
class DriftAtPlace:
    """Drift at and below a place that is not resolved, counted as `open_drift` counts it."""

    by_severity: Counter[str] = field(default_factory=Counter)
    unverified: int = 0

    @property
    def worst(self) -> str:
        """The worst severity of it; empty where there is no drift."""
        return next((name for name in InboxItem.InboxSeverity.values if self.by_severity[name]), "")


def drift_by_place(
    viewer: Viewer, *, connection: Connection, parents: Mapping[str, str]
) -> dict[str, DriftAtPlace]:
    """Return the drift at each root, OU and account that has some at or below it, in two queries.

    Drift of a policy is at each place at which that is attached. `parents`: every root, OU and
    account, each with the id of what it is directly in.
    """
    rows = visible(InboxItem.objects.all(), viewer).filter(
        connection=connection, source=Source.DRIFT
    )
    found: dict[str, DriftAtPlace] = {}
    items = list(
        rows.exclude(state=State.RESOLVED)
        .order_by()
        .values_list(
            *("severity", "verified", "target_id", "place_id", "account_id", "account_ids")
        )
    )
    attached: dict[str, list[str]] = {}
    policy_ids = {row[2] for row in items}
    for policy_id, target_id in (
        policy_attachments(viewer, connection=connection)
        .filter(policy_id__in=policy_ids)
        .values_list("policy_id", "target_id")
    ):
        attached.setdefault(policy_id, []).append(target_id)
    for severity, verified, target_id, place_id, account_id, account_ids in items:
        places = (target_id, place_id, account_id, *account_ids, *attached.get(target_id, ()))
        for one in _with_all_above(places, parents):
            at = found.setdefault(one, DriftAtPlace())
            at.by_severity[severity] += 1
            at.unverified += not verified
    return found


def _with_all_above(target_ids: Iterable[str], parents: Mapping[str, str]) -> set[str]:
    found: set[str] = set()
    for target_id in target_ids:
        step = target_id
        while step in parents and step not in found:
            found.add(step)
            step = parents[step]
    return found
