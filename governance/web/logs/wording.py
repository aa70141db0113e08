"""What the screen of logs says: states, ages, sizes, and what to do about files not read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.conf import settings

from inventory.models import LogObject
from inventory.selectors.logs import LogHealth, LogHealthState, Watermark

_STATE: Final = LogObject.State
_DAYS_A_MONTH: Final = 30
_MEGABYTE: Final = 1_000_000

REMEDIES: Final = {
    _STATE.DENIED.value: "Allow what AWS names, in the role, the bucket's policy or the key's. "
    "It is tried again every hour.",
    _STATE.CUT.value: "Events before the break count. Compare the file with its digest file.",
    _STATE.UNREADABLE.value: "Look at the file and at what writes to the bucket.",
    _STATE.GONE.value: "Look at the bucket's lifecycle rules and at who deletes from it.",
}
_LOOKS: Final = {
    LogHealthState.NO_SOURCE: ("unknown", "Usage not known"),
    LogHealthState.INCOMPLETE: ("partial", "Logs incomplete"),
    LogHealthState.COMPLETE: ("complete", "Logs complete"),
}


@dataclass(frozen=True, slots=True)
class WatermarkRow:
    """How far one account and region was read. `state`: a key of the looks."""

    mark: Watermark
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class AccountSize:
    """What an account's files of a month come to. `megabytes`: packed, as S3 holds them."""

    account_id: str
    megabytes: float
    events: int


def health_look(health: LogHealth) -> tuple[str, str]:
    """Return the key of the look and the title of a health."""
    return _LOOKS[health.state]


def state_label(state: str) -> str:
    """Return how the state of files is called."""
    return str(_STATE(state).label)


def watermark_rows(marks: Iterable[Watermark], now: datetime) -> list[WatermarkRow]:
    """Return rows, those that wait or are late first."""
    rows = [_row(mark, now) for mark in marks]
    return sorted(rows, key=lambda row: row.state == "complete")


def _row(mark: Watermark, now: datetime) -> WatermarkRow:
    if mark.newest_at is None:
        return WatermarkRow(mark, "unknown", "No file read")
    if mark.newest_at > now:
        return WatermarkRow(mark, "partial", "A file is dated later than now: check clocks")
    if mark.waiting_since is not None:
        return WatermarkRow(mark, "partial", f"Files wait since {mark.waiting_since}")
    if (now - mark.newest_at).total_seconds() > settings.INVENTORY_LOG_LATE_SECONDS:
        return WatermarkRow(mark, "stale", "No newer file")
    return WatermarkRow(mark, "complete", "Up to date")


def account_sizes(marks: Iterable[Watermark], days: int) -> list[AccountSize]:
    """Return what each account's files come to a month, the most first."""
    sizes: dict[str, list[int]] = {}
    first: dict[str, date] = {}
    last: dict[str, date] = {}
    for mark in marks:
        size = sizes.setdefault(mark.account_id, [0, 0])
        size[0] += mark.size_bytes
        size[1] += mark.events
        first[mark.account_id] = min(first.get(mark.account_id, mark.first_day), mark.first_day)
        last[mark.account_id] = max(last.get(mark.account_id, mark.last_day), mark.last_day)
    found = []
    for account_id, (size_bytes, events) in sizes.items():
        covered = min(days, (last[account_id] - first[account_id]).days + 1)
        month = _DAYS_A_MONTH / covered
        found.append(AccountSize(account_id, size_bytes * month / _MEGABYTE, round(events * month)))
    return sorted(found, key=lambda each: (-each.megabytes, each.account_id))
