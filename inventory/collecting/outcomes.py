"""What came of a collector in a region, for the store and for coverage."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from inventory.aws.client import CallLog
from inventory.aws.errors import AwsError, AwsUnsupported
from inventory.collectors.collector import ALL_REGIONS, GLOBAL_REGION, Collector, Scope
from inventory.models import Coverage
from inventory.records import Record
from inventory.store.covered import Covered, folded
from inventory.store.scopes import CollectorReading


@dataclass(frozen=True, slots=True)
class CollectorOutcome:
    """How one collector fared in a region. `records`: what it read, up to the error if any."""

    collector: Collector
    records: tuple[Record, ...]
    error: AwsError | None
    log: CallLog
    seconds: float
    collected_at: datetime
    region: str = GLOBAL_REGION

    @property
    def complete(self) -> bool:
        """Whether everything was read."""
        return self.error is None

    def after(self, first: "CollectorOutcome") -> "CollectorOutcome":
        """Return this outcome of a second pass, with what the first one took as well."""
        return replace(
            self,
            log=CallLog(self.log.calls + first.log.calls, self.log.throttled + first.log.throttled),
            seconds=self.seconds + first.seconds,
        )

    @property
    def reading(self) -> CollectorReading:
        """What the store takes."""
        listed_all = self.error is None or self.error.listed_all
        return CollectorReading(self.collector, self.records, listed_all, self.region)

    @property
    def state(self) -> Coverage.State:
        """The state for coverage."""
        if self.error is None:
            return Coverage.State.COMPLETE
        return Coverage.State(self.error.outcome)


def as_told(outcomes: Sequence[CollectorOutcome]) -> list[CollectorOutcome]:
    """Return outcomes in which a collector that asked AWS nothing has fared no better than others.

    Where nothing else is complete, it failed by the cause of the first: AWS has told nothing.
    """
    asked = [each for each in outcomes if each.collector.actions]
    if not asked or any(each.complete for each in asked):
        return list(outcomes)
    return [
        each if each.collector.actions else replace(each, error=asked[0].error) for each in outcomes
    ]


def read_nowhere(
    collectors: Iterable[Collector],
    outcomes: Sequence[CollectorOutcome],
    *,
    regions: Collection[str],
    now: datetime,
) -> list[CollectorOutcome]:
    """Return outcomes for the regional collectors that read in no region of the account.

    `regions`: the connection's, none of which the account has enabled.
    """
    read = {each.collector.name for each in outcomes}
    error = AwsUnsupported(
        f"the account has enabled none of the connection's regions: {', '.join(sorted(regions))}",
        code="NoRegionRead",
        remedy="add a region that the account has enabled to the connection's regions",
    )
    return [
        CollectorOutcome(each, (), error, CallLog(), 0.0, now, ALL_REGIONS)
        for each in collectors
        if each.scope == Scope.REGIONAL and each.name not in read
    ]


def coverage_of(outcomes: Iterable[CollectorOutcome]) -> list[Covered]:
    """Return how the collectors fared, as the store keeps it: one row for regions alike."""
    read = list(outcomes)
    covered = [
        Covered(
            collector=outcome.collector.name,
            region=outcome.region,
            state=outcome.state,
            collected_at=outcome.collected_at,
            error_code=outcome.error.code[:120] if outcome.error else "",
            message=outcome.error.message if outcome.error else "",
            remedy=outcome.error.remedy if outcome.error else "",
            records=len(outcome.records),
            calls=dict(outcome.log.calls),
            throttled=outcome.log.throttled,
            seconds=outcome.seconds,
        )
        for outcome in read
    ]
    return folded(covered, regional=regional_names(each.collector for each in read))


def regional_names(collectors: Iterable[Collector]) -> frozenset[str]:
    """Return the names of those that read in regions."""
    return frozenset(each.name for each in collectors if each.scope == Scope.REGIONAL)
