"""Batches merged to usage: counts, first and last times, and totals of what was no use.

Merging is the same in whatever order batches come: an event counts once, whichever batch brought
it first.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from inventory.cloudtrail.context import CallContext, unknown_keys
from inventory.cloudtrail.denials import DenialCause
from inventory.cloudtrail.event_ids import ID_BYTES, SeenEvents
from inventory.cloudtrail.reduction import (
    Counted,
    DenialClass,
    FileProblem,
    ReducedBatch,
    SilentEvents,
    UnmappedEvents,
    UsageClass,
)
from policies.usage import UsageRecord

_NEVER: Final = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class DenialRecord:
    """Alike denied calls of one day: one cause, however often the call was retried."""

    account_id: str
    principal: str
    action: str
    resource: str
    region: str | None
    cause: DenialCause
    count: int
    first_at: datetime
    last_at: datetime


class AlikeEvents(NamedTuple):
    """How many alike events each event of a batch stands for, and when the last was, in seconds."""

    counts: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]

    def of(self, events: npt.NDArray[np.int32]) -> AlikeEvents:
        """Return the same for some events, which may repeat."""
        return AlikeEvents(self.counts[events], self.last[events])


class _Totals:
    """Counts, denied counts, first and last times by index, growing as classes come."""

    def __init__(self) -> None:
        self.counts: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self.denied: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self.first: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self.last: npt.NDArray[np.int64] = np.zeros(0, np.int64)

    def grow(self, wanted: int) -> None:
        """Make room for `wanted` indexes."""
        more = max(wanted, int(len(self.counts) * 1.5)) - len(self.counts)
        if wanted <= len(self.counts):
            return
        zeros = np.zeros(more, np.int64)
        self.counts = np.concatenate((self.counts, zeros))
        self.denied = np.concatenate((self.denied, zeros))
        self.first = np.concatenate((self.first, np.full(more, _NEVER)))
        self.last = np.concatenate((self.last, np.full(more, -1)))

    def add(
        self,
        at: npt.NDArray[np.int64],
        times: npt.NDArray[np.int64],
        denied: npt.NDArray[np.bool_],
        alike: AlikeEvents | None = None,
    ) -> None:
        """Count each index of `at`, which may repeat: once, or as many as it stands for.

        `times`: of the event, or of the first of the alike ones.
        """
        counts = 1 if alike is None else alike.counts
        denied_counts = 1 if alike is None else alike.counts[denied]
        np.add.at(self.counts, at, counts)
        np.add.at(self.denied, at[denied], denied_counts)
        np.minimum.at(self.first, at, times)
        np.maximum.at(self.last, at, times if alike is None else alike.last)


class CloudTrailUsage:
    """Usage of all batches merged so far."""

    def __init__(self, seen: SeenEvents) -> None:
        self._seen = seen
        self._index: dict[Counted, int] = {}
        self._contexts: dict[CallContext, int] = {}
        self._totals = _Totals()
        self.events = 0
        self.duplicates = 0
        self.denied = 0
        self.problems: list[FileProblem] = []

    def merge(self, batch: ReducedBatch) -> None:
        """Add what a batch brought, but for events that came before."""
        ids = np.frombuffer(batch.ids, np.uint64).reshape(-1, ID_BYTES // 8)
        fresh = np.ones(len(ids), np.bool_)
        identified = np.nonzero(batch.has_id)[0]
        fresh[identified] = ~self._seen.add(ids[identified], batch.days[identified])
        repeated = len(ids) - int(fresh.sum())
        self.events += len(ids) + batch.duplicates
        self.duplicates += repeated + batch.duplicates
        self.denied += int(np.count_nonzero(batch.denied & fresh))
        self.problems.extend(batch.problems)
        counts = fresh[batch.use_event]
        use_class = batch.use_class[counts]
        indexes = self._indexes(batch, np.unique(use_class) if repeated else None)
        self._totals.grow(len(self._index))
        self._totals.add(
            indexes[use_class], batch.times[batch.use_event[counts]], batch.use_denied[counts]
        )

    def merge_alike(self, batch: ReducedBatch, alike: AlikeEvents) -> None:
        """Add a batch whose events, without ids, each stand for alike ones that were counted."""
        self.events += int(alike.counts.sum())
        self.denied += int(alike.counts[batch.denied].sum())
        self.problems.extend(batch.problems)
        indexes = self._indexes(batch, None)
        self._totals.grow(len(self._index))
        self._totals.add(
            indexes[batch.use_class],
            batch.times[batch.use_event],
            batch.use_denied,
            alike.of(batch.use_event),
        )

    def _indexes(
        self, batch: ReducedBatch, wanted: npt.NDArray[np.int32] | None
    ) -> npt.NDArray[np.int64]:
        """Return where each class of a batch is counted; only of `wanted` ones, if given."""
        contexts = [
            self._contexts.setdefault(context, len(self._contexts)) for context in batch.contexts
        ]
        index = self._index
        chosen = set(wanted.tolist()) if wanted is not None else None
        found = array("q", bytes(8 * len(batch.classes)))
        for at, counted in enumerate(batch.classes):
            if chosen is not None and at not in chosen:
                continue
            if isinstance(counted, UsageClass):
                counted = counted._replace(context=contexts[counted.context])
            place = index.get(counted)
            if place is None:
                place = index[counted] = len(index)
            found[at] = place
        return np.frombuffer(found, np.int64)

    @property
    def usage_records(self) -> int:
        """How many records `records` yields."""
        return sum(1 for counted in self._index if isinstance(counted, UsageClass))

    @property
    def unmapped(self) -> dict[str, int]:
        """How many events had no known action, by `source:event`, most first."""
        found: Counter[str] = Counter()
        for counted, at in self._index.items():
            if isinstance(counted, UnmappedEvents):
                found[f"{counted.event_source}:{counted.event_name}"] += self._count(at)
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    @property
    def silent(self) -> dict[str, int]:
        """How many events authorised nothing, by the reason."""
        return {
            counted.reason: self._count(at)
            for counted, at in self._index.items()
            if isinstance(counted, SilentEvents)
        }

    def _count(self, at: int) -> int:
        return int(self._totals.counts[at])

    def records(self) -> Iterator[UsageRecord]:
        """Yield the usage records, in no order that means anything."""
        contexts = list(self._contexts)
        totals = self._totals
        for counted, at in self._index.items():
            if not isinstance(counted, UsageClass):
                continue
            context = contexts[counted.context]
            yield UsageRecord(
                account_id=counted.account_id,
                principal=counted.principal,
                action=counted.action,
                resource=counted.resource,
                region=counted.region,
                context=dict(context.known),
                unknown_context=unknown_keys(counted.action, context),
                count=self._count(at),
                denied=int(totals.denied[at]),
                first_at=_time(totals.first[at]),
                last_at=_time(totals.last[at]),
            )

    def denials(self) -> Iterator[DenialRecord]:
        """Yield the denials with their causes, in no order that means anything."""
        totals = self._totals
        for counted, at in self._index.items():
            if isinstance(counted, DenialClass):
                yield DenialRecord(
                    *counted[:6],
                    count=self._count(at),
                    first_at=_time(totals.first[at]),
                    last_at=_time(totals.last[at]),
                )


def _time(seconds: np.int64) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
