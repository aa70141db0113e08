"""Events → usage of one batch of files: what each event counts for, not yet summed.

Each event keeps its id and time beside what it counts for, so that whoever merges batches can
leave out events that another batch has already brought. `usage` merges.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from inventory.cloudtrail.authorizations import EventCalls
from inventory.cloudtrail.calls import calls_of
from inventory.cloudtrail.context import CallContext
from inventory.cloudtrail.denials import DenialCause, denial_of
from inventory.cloudtrail.event_ids import NO_DAY, NO_ID, id_bytes, uuids_bytes
from inventory.cloudtrail.events import CloudTrailEvent, epoch_by_text
from inventory.cloudtrail.recorded_callers import RecordedCaller, recorded_caller

SECONDS_OF_DAY: Final = 86_400


class UsageClass(NamedTuple):
    """Alike uses of one day.

    `region`: None where the event names none. `context`: an index of the batch's contexts. `day`:
    since 1970, in UTC.
    """

    account_id: str
    principal: str
    action: str
    resource: str
    region: str | None
    context: int
    day: int


class DenialClass(NamedTuple):
    """Alike denials of one day, with what AWS's message names as their cause."""

    account_id: str
    principal: str
    action: str
    resource: str
    region: str | None
    cause: DenialCause
    day: int


class UnmappedEvents(NamedTuple):
    """Events of one day whose action is not known."""

    event_source: str
    event_name: str
    day: int


class SilentEvents(NamedTuple):
    """Events that authorised nothing, and why."""

    reason: str


Counted = UsageClass | DenialClass | UnmappedEvents | SilentEvents
"""What an event counts for; it may be several."""


class FileProblem(NamedTuple):
    """A file, or a part of it, that could not be read."""

    path: str
    why: str


@dataclass(slots=True)
class ReducedBatch:
    """What the events of some files count for.

    An event is a row of `ids` (16 bytes each), `days`, `times` (seconds) and `denied`; those
    without an id have a false `has_id` and always count. A use is a row of `use_event`,
    `use_class` (an index of `classes`) and `use_denied`.
    """

    classes: list[Counted] = field(default_factory=list)
    contexts: list[CallContext] = field(default_factory=list)
    ids: bytes = b""
    has_id: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    days: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    times: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    denied: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    use_event: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    use_class: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    use_denied: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    duplicates: int = 0
    problems: list[FileProblem] = field(default_factory=list)


class Reducer:
    """Collects the events of a batch; `batch()` gives what they count for."""

    def __init__(self) -> None:
        self._classes: dict[Counted, int] = {}
        self._contexts: list[CallContext] = []
        self._context_at: dict[int, int] = {}  # by identity; `_contexts` keeps them alive
        # What alike events count for, by the identity of their calls, which `_alive` keeps.
        self._known_uses: dict[tuple[object, ...], tuple[int, ...]] = {}
        self._alive: list[EventCalls] = []
        self._seen: set[bytes] = set()
        self._ids: list[bytes] = []
        self._times: list[int] = []
        # What few events have: an id that is no UUID, a denial.
        self._other_ids: set[bytes] = set()
        self._denied = array("i")
        # The first use of each event, and the others of those that have several.
        self._first_use: list[int] = []
        self._more_of = array("i")
        self._more_uses = array("i")
        self._duplicates = 0
        self._problems: list[FileProblem] = []
        self._timeless = Counter[str]()

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def duplicates(self) -> int:
        """How many events came more than once so far."""
        return self._duplicates

    def problem(self, path: str, why: str) -> None:
        """Note what could not be read."""
        self._problems.append(FileProblem(path, why))

    def add(self, path: str, events: Sequence[CloudTrailEvent]) -> None:
        """Count events of a file."""
        seen, ids, times = self._seen, self._ids, self._times
        first_use, known_uses = self._first_use, self._known_uses
        timeless = 0
        for event, event_id in zip(events, self._ids_of(events), strict=True):
            seconds = epoch_by_text[event.event_time]
            if seconds is None:
                timeless += 1
                seconds = 0
            if event_id in seen and event_id != NO_ID:
                self._duplicates += 1
                continue
            seen.add(event_id)
            is_failed = event.error_code or event.error_message
            denial = denial_of(event) if is_failed else None
            made_by = recorded_caller(event)
            calls = calls_of(event, made_by.account_id, denial)
            day = seconds // SECONDS_OF_DAY
            if denial is not None and not calls.no_action:
                self._denied.append(len(ids))
            indexes: tuple[int, ...] | None
            if calls.authorizations:
                cause = denial.cause if denial is not None else None
                key = (made_by, id(calls), day, cause)
                indexes = known_uses.get(key)
                if indexes is None:
                    indexes = known_uses[key] = self._uses_of(calls, made_by, day, cause)
                    self._alive.append(calls)
            else:
                indexes = (self._index(_without_use(event, calls.no_action, day)),)
            if len(indexes) > 1:
                for index in indexes[1:]:
                    self._more_of.append(len(ids))
                    self._more_uses.append(index)
            ids.append(event_id)
            times.append(seconds)
            first_use.append(indexes[0])
        if timeless:
            self._timeless[path] += timeless

    def _ids_of(self, events: Sequence[CloudTrailEvent]) -> list[bytes]:
        """Return the id of each event, `NO_ID` for those without."""
        texts = [event.event_id for event in events]
        ids = uuids_bytes(texts)
        if ids is None:
            ids = []
            for text in texts:
                event_id, is_uuid = id_bytes(text) if text else (NO_ID, True)
                ids.append(event_id)
                if not is_uuid:
                    self._other_ids.add(event_id)
        return ids

    def _uses_of(
        self, calls: EventCalls, made_by: RecordedCaller, day: int, cause: DenialCause | None
    ) -> tuple[int, ...]:
        """Return the index of each use, and of the denial, that an event counts for."""
        found: list[int] = []
        account_id, principal = made_by.account_id, made_by.caller.principal
        for one in calls.authorizations:
            context, region = made_by.context, made_by.region
            if one.region is not None:
                context, region = context.in_region(one.region), one.region or None
            at = self._context_index(context)
            used = UsageClass(account_id, principal, one.action, one.resource, region, at, day)
            found.append(self._index(used))
        if cause is not None:
            one = calls.authorizations[0]
            region = made_by.region if one.region is None else one.region or None
            denied = DenialClass(
                account_id, principal, one.action, one.resource, region, cause, day
            )
            found.append(self._index(denied))
        return tuple(found)

    def _context_index(self, context: CallContext) -> int:
        found = self._context_at.get(id(context))
        if found is None:
            found = self._context_at[id(context)] = len(self._contexts)
            self._contexts.append(context)
        return found

    def _index(self, counted: Counted) -> int:
        return self._classes.setdefault(counted, len(self._classes))

    def batch(self) -> ReducedBatch:
        """Return everything added so far."""
        for path, count in self._timeless.items():
            self.problem(
                path, f"{count} events have no time that can be read; counted on 1970-01-01"
            )
        size = len(self._ids)
        ids = b"".join(self._ids)
        times = np.array(self._times, np.int64)
        halves = np.frombuffer(ids, np.uint64).reshape(-1, 2)
        has_id = (halves[:, 0] != 0) | (halves[:, 1] != 0)
        denied = np.zeros(size, np.bool_)
        denied[np.frombuffer(self._denied, np.int32)] = True
        days = (times // SECONDS_OF_DAY).astype(np.int32)
        days[~has_id] = NO_DAY
        if self._other_ids:
            days[[event_id in self._other_ids for event_id in self._ids]] = NO_DAY
        more_of = np.frombuffer(self._more_of, np.int32)
        use_event = np.concatenate((np.arange(size, dtype=np.int32), more_of))
        more_uses = np.frombuffer(self._more_uses, np.int32)
        return ReducedBatch(
            classes=list(self._classes),
            contexts=self._contexts,
            ids=ids,
            has_id=has_id,
            days=days,
            times=times,
            denied=denied,
            use_event=use_event,
            use_class=np.concatenate((np.array(self._first_use, np.int32), more_uses)),
            use_denied=denied[use_event],
            duplicates=self._duplicates,
            problems=self._problems,
        )


def _without_use(event: CloudTrailEvent, no_action: str, day: int) -> Counted:
    if no_action:
        return SilentEvents(no_action)
    return UnmappedEvents(event.event_source or "unknown", event.event_name or "unknown", day)
