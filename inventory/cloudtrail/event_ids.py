"""Which events were seen before, by their ids, in bounded memory.

An id is 128 bits: a UUID's own, or a hash of any other text. The ids of a day are one table; when
all tables together outgrow the limit, the days not looked at for longest wait in files. An event's
day is always the same, so an event that is delivered again is found in its own day's table.
"""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.uint64]
"""Rows of two numbers: the halves of an id."""
Marks = npt.NDArray[np.bool_]

ID_BYTES: Final = 16
NO_DAY: Final = -1
"""The day of ids that are no UUIDs, such as hand-written ones."""

_SMALLEST: Final = 1024
_FULLEST: Final = 0.75
_GROWTH: Final = 1.6
_FIRST: Final = np.uint64(0x9E3779B97F4A7C15)
_SECOND: Final = np.uint64(0xC2B2AE3D27D4EB4F)
NO_ID: Final = b"\0" * ID_BYTES
_UUID: Final = 36
_DASHES: Final = (8, 13, 18, 23)


def uuids_bytes(texts: Sequence[str | None]) -> list[bytes] | None:
    """Return ids as 16 bytes each, all at once; None where one of them is no UUID."""
    size = len(texts)
    try:
        text = "".join(cast(Sequence[str], texts))
        if set(map(len, cast(Sequence[str], texts))) != {_UUID}:
            return None
        found = bytes.fromhex(text.replace("-", ""))
    except (TypeError, ValueError):
        return None
    dashes = "-" * size
    if len(found) != size * ID_BYTES or any(text[at::_UUID] != dashes for at in _DASHES):
        return None
    ids = [found[at : at + ID_BYTES] for at in range(0, len(found), ID_BYTES)]
    return None if NO_ID in ids else ids


def id_bytes(text: str) -> tuple[bytes, bool]:
    """Return an event id as 16 bytes that are not all zero, and whether the text is a UUID."""
    if len(text) == 36 and text[8] == text[13] == text[18] == text[23] == "-":
        try:
            found = bytes.fromhex(text.replace("-", ""))
        except ValueError:
            found = NO_ID
        if len(found) == ID_BYTES and found != NO_ID:
            return found, True
    return blake2b(text.encode("utf-8", "replace"), digest_size=ID_BYTES).digest(), False


class _IdTable:
    """A set of ids: open addressing in one array; a row of zeros is free."""

    def __init__(self, rows: Ids | None = None, used: int = 0) -> None:
        self.rows: Ids = np.zeros((_SMALLEST, 2), np.uint64) if rows is None else rows
        self.used = used

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return self.rows.nbytes

    def add(self, ids: Ids) -> Marks:
        """Add ids that differ from one another; return which were there already."""
        if self.used + len(ids) > len(self.rows) * _FULLEST:
            self._grow(self.used + len(ids))
        seen = self._insert(ids)
        self.used += len(ids) - int(seen.sum())
        return seen

    def _grow(self, wanted: int) -> None:
        old = self.rows
        size = max(int(len(old) * _GROWTH), int(wanted / _FULLEST * 1.2)) + 1
        self.rows = np.zeros((size, 2), np.uint64)
        # In pieces, so that no second copy of all ids is made.
        for at in range(0, len(old), 262_144):
            piece = old[at : at + 262_144]
            self._insert(piece[piece.any(axis=1)])

    def _insert(self, ids: Ids) -> Marks:
        seen = np.zeros(len(ids), np.bool_)
        size = np.uint64(len(self.rows))
        mixed = (ids[:, 0] * _FIRST) ^ (ids[:, 1] * _SECOND)
        mixed ^= mixed >> np.uint64(29)
        places = (mixed % size).astype(np.int64)
        waiting = np.arange(len(ids))
        while len(waiting):
            at = places[waiting]
            wanted = ids[waiting]
            there = self.rows[at]
            is_free = ~there.any(axis=1)
            same = (there == wanted).all(axis=1)
            seen[waiting[same]] = True
            # Of several for one free row the last wins; the others look again.
            self.rows[at[is_free]] = wanted[is_free]
            won = is_free & (self.rows[at] == wanted).all(axis=1)
            go_on = ~same & ~won
            lost = go_on & is_free
            places[waiting[go_on & ~lost]] += 1
            places[waiting[go_on]] %= len(self.rows)
            waiting = waiting[go_on]
        return seen


class SeenEvents:
    """The ids of all events so far. Use as a context manager: its files are deleted at the end.

    `most_bytes`: of memory for tables; one day's table is always in memory.
    """

    def __init__(self, most_bytes: int = 128_000_000) -> None:
        self.most_bytes = most_bytes
        self._tables: OrderedDict[int, _IdTable] = OrderedDict()
        self._held_bytes = 0
        self._on_disk: dict[int, int] = {}
        self._directory: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._directory is not None:
            self._directory.cleanup()

    def add(self, ids: Ids, days: npt.NDArray[np.int32]) -> Marks:
        """Add ids that differ from one another, each of a day; return which were seen before."""
        if not len(ids):
            return np.zeros(0, np.bool_)
        first = int(days[0])
        if (days == first).all():
            return self._added(first, ids)
        seen = np.zeros(len(ids), np.bool_)
        for day in np.unique(days):
            of_day = np.nonzero(days == day)[0]
            seen[of_day] = self._added(int(day), ids[of_day])
        return seen

    def _added(self, day: int, ids: Ids) -> Marks:
        table = self._table(day)
        before = table.size
        seen = table.add(ids)
        self._held_bytes += table.size - before
        return seen

    def _table(self, day: int) -> _IdTable:
        table = self._tables.get(day)
        if table is None:
            used = self._on_disk.pop(day, None)
            rows: Ids | None = np.load(self._path(day)) if used is not None else None
            table = self._tables[day] = _IdTable(rows, used or 0)
            self._held_bytes += table.size
        self._tables.move_to_end(day)
        while self._held_bytes > self.most_bytes and len(self._tables) > 1:
            oldest, waiting = self._tables.popitem(last=False)
            np.save(self._path(oldest), waiting.rows)
            self._on_disk[oldest] = waiting.used
            self._held_bytes -= waiting.size
        return table

    def _path(self, day: int) -> Path:
        if self._directory is None:
            self._directory = tempfile.TemporaryDirectory(prefix="orgwarden-events-")
        return Path(self._directory.name) / f"{day}.npy"
