"""What came of one collector in one region of an account, and what names its cause."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from inventory.digests import sha256
from inventory.models import Coverage

_DIGITS: Final = re.compile(r"\d+")

# An account, empty for the organization itself, and a group of collectors.
Part = tuple[str, str]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Covered:
    """What came of one collector in one region, in one run; the fields are those of `Coverage`."""

    collector: str
    region: str
    state: str
    collected_at: datetime
    error_code: str = ""
    message: str = ""
    remedy: str = ""
    records: int = 0
    calls: Mapping[str, int] = field(default_factory=dict)
    throttled: int = 0
    seconds: float = 0.0

    @property
    def key(self) -> Key:
        """What names it within its part."""
        return self.collector, self.region

    @property
    def measures(self) -> dict[str, Any]:
        """What the reading took; empty where it took nothing and found nothing."""
        values = {
            "records": self.records,
            "calls": dict(self.calls),
            "throttled": self.throttled,
            "seconds": round(self.seconds, 3),
        }
        return values if self.records or self.calls else {}

    @property
    def cause(self) -> tuple[str, str, str]:
        """What names its cause: numbers in the message say nothing of the cause."""
        return self.state, self.error_code, _DIGITS.sub("0", self.message)


def cause_of(row: Coverage) -> tuple[str, str, str]:
    """Return the same of what is stored."""
    return row.state, row.error_code, _DIGITS.sub("0", row.message)


def fingerprint_of(covered: Iterable[Covered]) -> str:
    """Return the SHA-256 of what came of a group's collectors; equal: nothing is otherwise."""
    return sha256(repr(sorted((*each.key, *each.cause) for each in covered)))


@dataclass(frozen=True, slots=True)
class Taken:
    """What a group's newest reading took, as `GroupCoverage` has it."""

    attempted_at: datetime
    calls: dict[str, int]
    measures: dict[str, dict[str, Any]]


def taken(covered: Sequence[Covered]) -> Taken:
    """Sum up what the collectors of a group took."""
    calls: Counter[str] = Counter()
    measures: dict[str, dict[str, Any]] = {}
    for each in covered:
        calls.update(each.calls)
        if each.measures:
            measures.setdefault(each.collector, {})[each.region] = each.measures
    return Taken(max(each.collected_at for each in covered), dict(calls), measures)
