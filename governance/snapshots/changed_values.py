"""What of a changed thing differs, and since when."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from governance.snapshots.differences import Values
from inventory.models.versions import Version
from inventory.selectors.history import VersionChange


def value_of(row: Version, name: str) -> Any:
    return getattr(row, name)


def fingerprint_of(row: Version) -> str:
    return row.fingerprint


def values_of(row: Version | None, names: tuple[str, ...]) -> Values | None:
    """Return some of a row's values; texts of policies are told by their SHA-256."""
    if row is None:
        return None
    return {"sha256" if name == "content_id" else name: getattr(row, name) for name in names}


def since_of(change: VersionChange, value: Callable[[Version], Any] | None = None) -> datetime:
    """Return the start of the run from which on what holds after the change held.

    `value`: of the field that differs; without it the thing's being there is meant.
    """
    if change.after is None:
        ends = [row.seen_until for row in change.versions if row.seen_until is not None]
        return max(ends)
    since, later = change.after.seen_from, change.after
    for row in reversed(change.versions[:-1]):
        if row.seen_until != later.seen_from:
            break
        if value is not None and value(row) != value(change.after):
            break
        since, later = row.seen_from, row
    return since
