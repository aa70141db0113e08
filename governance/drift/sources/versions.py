"""Drift of versions: what was in order, and in a later run is not.

There is no baseline for these: what a run saw in order before is what should be. An item stays
until that is so again, or somebody accepts it as it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Q

from governance.drift.difference import FoundDifference
from governance.drift.models import DriftItem
from governance.drift.sources.source import SourceLook, changed_rows
from inventory.models.versions import Version


class Watch(Protocol):
    """What of a table's rows is watched."""

    @property
    def model(self) -> type[Version]:
        """Whose rows."""

    @property
    def where(self) -> Q:
        """Which of them."""

    def subject(self, row: Version) -> str:
        """Return the subject of a row, empty where it is not watched."""

    def value(self, row: Version) -> dict[str, Any]:
        """Return what of a row is compared."""

    def is_drift(self, was: dict[str, Any], now: dict[str, Any] | None) -> bool:
        """Whether what was so and is so now has drifted; None: it is gone."""

    def difference(
        self, row: Version, was: dict[str, Any], now: dict[str, Any] | None
    ) -> FoundDifference:
        """Return the difference of a row."""


@dataclass(frozen=True, slots=True)
class _Pair:
    row: Version
    was: dict[str, Any] | None
    now: dict[str, Any] | None


def drifted_versions(look: SourceLook, watch: Watch) -> list[FoundDifference]:
    """Return what drifted of a table since the last look, and what had drifted and still does."""
    known = look.by_subject
    pairs: dict[str, _Pair] = {}
    if look.since is not None:
        rows = changed_rows(watch.model, look.connection, look.since, watch.where)
        for subject, versions in _by_subject(watch, rows).items():
            pair = _pair(watch, look, versions, known.get(subject))
            if pair is not None:
                pairs[subject] = pair
    for subject, item in known.items():
        if subject not in pairs:
            row = _row_of(watch, item, look)
            if row is not None:
                now = watch.value(row) if row.seen_until is None else None
                pairs[subject] = _Pair(row, item.desired, now)
    return [
        watch.difference(pair.row, pair.was, pair.now)
        for pair in pairs.values()
        if pair.was is not None and watch.is_drift(pair.was, pair.now)
    ]


def _by_subject(watch: Watch, rows: Iterable[Version]) -> dict[str, list[Version]]:
    found: dict[str, list[Version]] = {}
    for row in rows:
        subject = watch.subject(row)
        if subject:
            found.setdefault(subject, []).append(row)
    return found


def _pair(
    watch: Watch, look: SourceLook, versions: Sequence[Version], item: DriftItem | None
) -> _Pair | None:
    last = versions[-1]
    now = watch.value(last) if last.seen_until is None else None
    if item is not None:
        return _Pair(last, item.desired, now)
    since = look.since
    before = next((row for row in versions if since is not None and row.seen_from <= since), None)
    return None if before is None else _Pair(last, watch.value(before), now)


def _row_of(watch: Watch, item: DriftItem, look: SourceLook) -> Version | None:
    """Return the newest version of the row that an item is about."""
    named = dict(zip(watch.model.natural_key, item.subject.split("\x1f")[1:], strict=False))
    if not named:
        return None
    rows = watch.model._default_manager.filter(connection=look.connection, **named)
    found: Version | None = rows.order_by("-seen_from").first()
    return found


def key_subject(prefix: str, row: Version) -> str:
    """Return a subject that names a row by its natural key."""
    return "\x1f".join((prefix, *(str(getattr(row, name)) for name in row.natural_key)))
