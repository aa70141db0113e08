"""Events → usage of one batch of files: what each event counts for, not yet summed.

Each event keeps its id and time beside what it counts for, so that whoever merges batches can
leave out events that another batch has already brought. `usage` merges.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from inventory.cloudtrail.callers import Caller, caller_of, recording_account
from inventory.cloudtrail.calls import EventCalls, calls_of
from inventory.cloudtrail.context import CallContext, context_of
from inventory.cloudtrail.denials import DenialCause, denial_of
from inventory.cloudtrail.event_ids import NO_DAY, id_bytes
from inventory.cloudtrail.events import CloudTrailEvent, epoch_seconds, is_account

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
        # By the identity of calls and contexts, which `_alive` and `_contexts` keep.
        self._known_uses: dict[tuple[int, int, str, str, str | None, int], tuple[int, ...]] = {}
        self._alive: list[EventCalls] = []
        self._seen: set[bytes] = set()
        self._ids: list[bytes] = []
        self._times: list[int] = []
        # What few events are: without an id, with one that is no UUID, denied.
        self._without_id = array("i")
        self._not_uuid = array("i")
        self._denied = array("i")
        # The first use of each event, and the others of those that have several.
        self._first_use: list[int] = []
        self._more_of = array("i")
        self._more_uses = array("i")
        self._duplicates = 0
        self._problems: list[FileProblem] = []

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def duplicates(self) -> int:
        """How many events came more than once so far."""
        return self._duplicates

    def problem(self, path: str, why: str) -> None:
        """Note what could not be read."""
        self._problems.append(FileProblem(path, why))

    def add(self, path: str, events: Iterable[CloudTrailEvent]) -> None:
        """Count the events of a file."""
        timeless = 0
        for event in events:
            seconds = epoch_seconds(event.event_time)
            if seconds is None:
                timeless += 1
                seconds = 0
            self._add(event, seconds)
        if timeless:
            self.problem(
                path, f"{timeless} events have no time that can be read; counted on 1970-01-01"
            )

    def _add(self, event: CloudTrailEvent, seconds: int) -> None:
        day = seconds // SECONDS_OF_DAY
        event_id, is_uuid = id_bytes(event.event_id) if event.event_id else (b"", False)
        at = len(self._ids)
        if event_id:
            if event_id in self._seen:
                self._duplicates += 1
                return
            self._seen.add(event_id)
            if not is_uuid:
                self._not_uuid.append(at)
        else:
            event_id = _NO_ID
            self._without_id.append(at)
            self._not_uuid.append(at)
        self._ids.append(event_id)
        self._times.append(seconds)
        caller = caller_of(event)
        account_id = _accounts[event.recipient_account_id] or recording_account(event, caller)
        denial = denial_of(event) if event.error_code or event.error_message else None
        calls = calls_of(event, account_id, denial)
        if denial is not None and not calls.no_action:
            self._denied.append(at)
        if not calls.authorizations:
            self._first_use.append(self._index(self._without_use(event, calls.no_action, day)))
            return
        context = context_of(event, caller, account_id)
        if denial is None:
            key = (id(calls), id(context), account_id, caller.principal, event.region, day)
            indexes = self._known_uses.get(key)
            if indexes is None:
                indexes = self._uses_of(event, calls, context, caller, account_id, day)
                self._known_uses[key] = indexes
                self._alive.append(calls)
                self._context_index(context)
        else:
            indexes = self._uses_of(event, calls, context, caller, account_id, day)
            one = calls.authorizations[0]
            counted = DenialClass(
                account_id,
                caller.principal,
                one.action,
                one.resource,
                event.region if one.region is None else one.region or None,
                denial.cause,
                day,
            )
            indexes = (*indexes, self._index(counted))
        self._first_use.append(indexes[0])
        if len(indexes) > 1:
            for index in indexes[1:]:
                self._more_of.append(at)
                self._more_uses.append(index)

    def _uses_of(
        self,
        event: CloudTrailEvent,
        calls: EventCalls,
        context: CallContext,
        caller: Caller,
        account_id: str,
        day: int,
    ) -> tuple[int, ...]:
        """Return the index of each use that an event counts for."""
        found: list[int] = []
        for one in calls.authorizations:
            its_context, region = context, event.region
            if one.region is not None:
                its_context, region = context.in_region(one.region), one.region or None
            used = UsageClass(
                account_id,
                caller.principal,
                one.action,
                one.resource,
                region,
                self._context_index(its_context),
                day,
            )
            found.append(self._index(used))
        return tuple(found)

    def _context_index(self, context: CallContext) -> int:
        found = self._context_at.get(id(context))
        if found is None:
            found = self._context_at[id(context)] = len(self._contexts)
            self._contexts.append(context)
        return found

    @staticmethod
    def _without_use(event: CloudTrailEvent, no_action: str, day: int) -> Counted:
        if no_action:
            return SilentEvents(no_action)
        return UnmappedEvents(event.event_source or "unknown", event.event_name or "unknown", day)

    def _index(self, counted: Counted) -> int:
        return self._classes.setdefault(counted, len(self._classes))

    def batch(self) -> ReducedBatch:
        """Return everything added so far."""
        size = len(self._ids)
        times = np.array(self._times, np.int64)
        has_id, denied = np.ones(size, np.bool_), np.zeros(size, np.bool_)
        has_id[np.frombuffer(self._without_id, np.int32)] = False
        denied[np.frombuffer(self._denied, np.int32)] = True
        days = (times // SECONDS_OF_DAY).astype(np.int32)
        days[np.frombuffer(self._not_uuid, np.int32)] = NO_DAY
        more_of = np.frombuffer(self._more_of, np.int32)
        use_event = np.concatenate((np.arange(size, dtype=np.int32), more_of))
        more_uses = np.frombuffer(self._more_uses, np.int32)
        return ReducedBatch(
            classes=list(self._classes),
            contexts=self._contexts,
            ids=b"".join(self._ids),
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


_NO_ID: Final = b"\0" * 16


class _Accounts(dict[str | None, str]):
    """Texts that are account ids, each for itself; empty for any other."""

    def __missing__(self, text: str | None) -> str:
        if len(self) >= _MOST_ACCOUNTS:
            self.clear()
        found = text if text is not None and is_account(text) else ""
        self[text] = found
        return found


_MOST_ACCOUNTS: Final = 65536
_accounts = _Accounts()
