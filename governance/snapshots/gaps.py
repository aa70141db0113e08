"""What was not collected of a state: nothing that was merely not read may look removed, or new."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from inventory.policy_types import policy_type
from inventory.selectors.resource_policies import BUCKETS_COLLECTOR
from inventory.selectors.snapshots import COMPLETE, UNSUPPORTED, LastReading, snapshot_collectors

_POLICIES: Final = "organizations.policies."
_TOPICS: Final = {
    BUCKETS_COLLECTOR: "buckets",
    "organizations.organization": "the organization itself",
    "organizations.delegated_administrators": "delegated administrators",
    "organizations.trusted_services": "trusted services",
    "organizations.resource_policy": "the organization's resource policy",
    "organizations.organizational_units": "OUs and the root",
    "organizations.accounts": "accounts",
    "organizations.tags": "tags",
}
NEVER: Final = "unknown"


class WhichSide(StrEnum):
    """One of the two states."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class SnapshotGap:
    """Collectors that had not read a state whole, alike in how and why.

    `state`: of `Coverage.State`, or `unknown` where they had never run. `complete_at`: when they
    had last been complete by then; None: never, so what was there is unknown.
    """

    side: WhichSide
    collectors: tuple[str, ...]
    state: str
    message: str
    remedy: str
    complete_at: datetime | None

    @property
    def topics(self) -> tuple[str, ...]:
        """What they read, in words."""
        return tuple(topic_of(collector) for collector in self.collectors)


def topic_of(collector: str) -> str:
    """Say what a collector of the organization reads."""
    if collector.startswith(_POLICIES):
        label = policy_type(collector.removeprefix(_POLICIES)).label
        # `Declarative policy for EC2` has the word in its middle.
        return label.replace("policy", "policies")
    return _TOPICS.get(collector, collector)


def was_read(readings: Mapping[str, LastReading], collector: str) -> bool:
    """Whether a collector had been complete by then, or AWS does not know its topic there."""
    found = readings.get(collector)
    return found is not None and (found.complete_at is not None or found.state == UNSUPPORTED)


def gaps_of(side: WhichSide, readings: Mapping[str, LastReading]) -> tuple[SnapshotGap, ...]:
    """Return what a state was not read completely of, equal reasons together."""
    found: dict[tuple[str, str, str, datetime | None], list[str]] = {}
    for collector in snapshot_collectors():
        reading = readings.get(collector)
        key: tuple[str, str, str, datetime | None] = (NEVER, "", "", None)
        if reading is not None:
            if reading.state in (COMPLETE, UNSUPPORTED):
                continue
            key = (reading.state, reading.message, reading.remedy, reading.complete_at)
        found.setdefault(key, []).append(collector)
    return tuple(
        SnapshotGap(side, tuple(names), state, message, remedy, complete_at)
        for (state, message, remedy, complete_at), names in found.items()
    )
