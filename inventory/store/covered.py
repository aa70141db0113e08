"""What came of one collector in one region of an account, and what names its cause."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from inventory.collectors.collector import ALL_REGIONS
from inventory.digests import sha256
from inventory.models import Coverage

_DIGITS: Final = re.compile(r"\d+")

# The error code of a region that was read before and is no longer.
REGION_NOT_READ: Final = "RegionNotRead"

# An account, empty for the organization itself, and a group of collectors.
Part = tuple[str, str]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Covered:
    """What came of one collector in one region, in one run; the fields are those of `Coverage`.

    `regions`: those that it stands for where `region` is `ALL_REGIONS`.
    """

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
    regions: tuple[str, ...] = ()

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
        if self.regions:
            return {**values, "regions": list(self.regions)}
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
    return sha256(repr(sorted((*each.key, *each.cause, *each.regions) for each in covered)))


def folded(covered: Iterable[Covered], *, regional: Collection[str]) -> list[Covered]:
    """Return coverage with one row for all regions in which a regional collector fared alike.

    `regional`: names of the collectors that read in regions. The row of `ALL_REGIONS` stands for
    the regions that were complete, or where none was for the largest number that came out the same;
    each other region keeps its own.
    """
    rows: list[Covered] = []
    by_collector: dict[str, list[Covered]] = {}
    for each in covered:
        if each.collector in regional:
            by_collector.setdefault(each.collector, []).append(each)
        else:
            rows.append(each)
    for fared in by_collector.values():
        alike: dict[tuple[str, str], list[Covered]] = {}
        for each in fared:
            alike.setdefault((each.state, each.error_code), []).append(each)
        chosen = max(
            alike.values(),
            key=lambda same: (same[0].state == Coverage.State.COMPLETE, len(same)),
        )
        rows.append(_for_all(chosen))
        rows += [each for each in fared if each not in chosen]
    return rows


def _for_all(alike: Sequence[Covered]) -> Covered:
    calls: Counter[str] = Counter()
    for each in alike:
        calls.update(each.calls)
    return replace(
        alike[0],
        region=ALL_REGIONS,
        collected_at=max(each.collected_at for each in alike),
        records=sum(each.records for each in alike),
        calls=dict(calls),
        throttled=sum(each.throttled for each in alike),
        seconds=sum(each.seconds for each in alike),
        # Where no region was read, the collector came out so in none that has a name.
        regions=tuple(sorted(each.region for each in alike if each.region != ALL_REGIONS)),
    )


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
