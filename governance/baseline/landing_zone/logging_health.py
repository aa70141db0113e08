"""Logging and detection as one picture, by account, service and region; unknown is never good."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Final

from inventory.collectors.collector import GLOBAL_REGION
from inventory.models import Account, Connection, ServiceConfiguration
from inventory.selectors.hierarchy import accounts
from inventory.selectors.service_configurations import (
    AccountReadings,
    ReadingState,
    ServiceReading,
    service_configurations,
    service_readings,
)
from inventory.service_facts import (
    CONFIG_DELIVERY_CHANNEL,
    CONFIG_RECORDER,
    GUARDDUTY_DETECTOR,
    SECURITY_HUB,
    TRAIL,
)
from inventory.viewing import Viewer

_KINDS: Final = (TRAIL, CONFIG_RECORDER, CONFIG_DELIVERY_CHANNEL, GUARDDUTY_DETECTOR, SECURITY_HUB)
_READABLE: Final = ("ACTIVE", "")


class LogService(StrEnum):
    """What logs or detects, in the order of the columns."""

    CLOUDTRAIL = "cloudtrail"
    CONFIG = "config"
    GUARDDUTY = "guardduty"
    SECURITY_HUB = "securityhub"


LOG_SERVICE_LABELS: Final[Mapping[LogService, str]] = {
    LogService.CLOUDTRAIL: "CloudTrail",
    LogService.CONFIG: "Config",
    LogService.GUARDDUTY: "GuardDuty",
    LogService.SECURITY_HUB: "Security Hub",
}
_COLLECTORS: Final[Mapping[LogService, str]] = {
    LogService.CLOUDTRAIL: TRAIL.collector,
    LogService.CONFIG: CONFIG_RECORDER.collector,
    LogService.GUARDDUTY: GUARDDUTY_DETECTOR.collector,
    LogService.SECURITY_HUB: SECURITY_HUB.collector,
}


class LogServiceHealth(StrEnum):
    """How a service fares in a region, the worst first.

    OFF: it logs nothing there. DEGRADED: it logs, and not all, or its delivery fails. UNKNOWN: that
    could not be read, or was read too long ago. GOOD: none of these.
    """

    OFF = "off"
    DEGRADED = "degraded"
    UNKNOWN = "unknown"
    GOOD = "good"


LOG_HEALTH_LABELS: Final[Mapping[LogServiceHealth, str]] = {
    LogServiceHealth.OFF: "Off",
    LogServiceHealth.DEGRADED: "Degraded",
    LogServiceHealth.UNKNOWN: "Not known",
    LogServiceHealth.GOOD: "On",
}
HEALTH_ORDER: Final = {each: place for place, each in enumerate(LogServiceHealth)}
"""The place of each health from the worst."""


@dataclass(frozen=True, slots=True)
class RegionHealth:
    """How a service fares in some regions of an account, alike. `words`: why it is not GOOD.

    `reading`: how well the regions were read; anything but READ is UNKNOWN.
    """

    regions: tuple[str, ...]
    health: LogServiceHealth
    words: str = ""
    reading: ReadingState = ReadingState.READ


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """A service in an account: what differs by region, the worst first."""

    service: LogService
    regions: tuple[RegionHealth, ...]

    @property
    def health(self) -> LogServiceHealth:
        """How it fares where it fares worst."""
        return self.regions[0].health

    def of(self, region: str) -> RegionHealth:
        """Return how it fares in one region; UNKNOWN where that was never read."""
        for each in self.regions:
            if region in each.regions:
                return each
        return RegionHealth((region,), LogServiceHealth.UNKNOWN, "never read", ReadingState.NEVER)


@dataclass(frozen=True, slots=True)
class AccountLogging:
    """One account. `regions`: those that were read, sorted."""

    account_id: str
    name: str
    parent_id: str
    regions: tuple[str, ...]
    services: Mapping[LogService, ServiceHealth]

    @property
    def health(self) -> LogServiceHealth:
        """How the account fares where it fares worst."""
        return min((each.health for each in self.services.values()), key=HEALTH_ORDER.__getitem__)


@dataclass(frozen=True)
class LoggingHealth:
    """Every active account that may be seen, by name."""

    accounts: tuple[AccountLogging, ...]

    @cached_property
    def counts(self) -> Mapping[LogService, Mapping[LogServiceHealth, int]]:
        """How many accounts fare how, at worst, by service."""
        found: dict[LogService, Mapping[LogServiceHealth, int]] = {}
        for service in LogService:
            counted = Counter(each.services[service].health for each in self.accounts)
            found[service] = {health: counted[health] for health in LogServiceHealth}
        return found

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Every region that was read somewhere, sorted."""
        return tuple(sorted({region for each in self.accounts for region in each.regions}))


def logging_health(
    viewer: Viewer,
    *,
    connection: Connection,
    now: datetime,
    as_of: datetime | None = None,
    account_ids: Collection[str] | None = None,
) -> LoggingHealth:
    """Return how logging and detection fare, in three queries.

    `account_ids`: only these accounts. Suspended and closed accounts are left out.
    """
    chosen = accounts(viewer, connection=connection, as_of=as_of).filter(state__in=_READABLE)
    if account_ids is not None:
        chosen = chosen.filter(account_id__in=list(account_ids))
    rows: dict[str, list[ServiceConfiguration]] = {}
    for row in service_configurations(
        viewer, connection=connection, kinds=_KINDS, as_of=as_of, account_ids=account_ids
    ):
        rows.setdefault(row.account_id, []).append(row)
    readings = service_readings(
        viewer, connection=connection, kinds=_KINDS, now=now, as_of=as_of, account_ids=account_ids
    )
    return LoggingHealth(
        tuple(
            _account(account, rows.get(account.account_id, []), readings)
            for account in chosen.order_by("name", "account_id")
        )
    )


def _account(
    account: Account,
    rows: Sequence[ServiceConfiguration],
    readings: Mapping[tuple[str, str], AccountReadings],
) -> AccountLogging:
    own = {
        service: readings.get((account.account_id, collector), AccountReadings())
        for service, collector in _COLLECTORS.items()
    }
    regions = tuple(
        sorted(
            {
                region
                for service, each in own.items()
                if service is not LogService.CLOUDTRAIL
                for region, reading in each.by_region.items()
                if reading.state is not ReadingState.UNSUPPORTED
            }
            - {GLOBAL_REGION}
        )
    )
    by_kind: dict[tuple[str, str], list[ServiceConfiguration]] = {}
    for row in rows:
        by_kind.setdefault((row.kind, row.region), []).append(row)
    trails = [row for row in rows if row.kind == TRAIL.kind]
    return AccountLogging(
        account_id=account.account_id,
        name=account.name,
        parent_id=account.parent_id,
        regions=regions,
        services={
            service: _service(service, regions or (GLOBAL_REGION,), own[service], by_kind, trails)
            for service in LogService
        },
    )


def _service(
    service: LogService,
    regions: Sequence[str],
    readings: AccountReadings,
    rows: Mapping[tuple[str, str], list[ServiceConfiguration]],
    trails: Sequence[ServiceConfiguration],
) -> ServiceHealth:
    found: dict[tuple[LogServiceHealth, str, ReadingState], list[str]] = {}
    for region in regions:
        # Trails are read once for all regions.
        at = GLOBAL_REGION if service is LogService.CLOUDTRAIL else region
        reading = readings.of(at)
        if reading.state is ReadingState.UNSUPPORTED:
            continue
        health, words = _unread(reading) or _judged(service, region, rows, trails)
        found.setdefault((health, words, reading.state), []).append(region)
    if not found:
        words = "not offered in the regions that were read"
        found[LogServiceHealth.UNKNOWN, words, ReadingState.UNSUPPORTED] = list(regions)
    return ServiceHealth(
        service,
        tuple(
            RegionHealth(tuple(where), health, words, reading_state)
            for (health, words, reading_state), where in sorted(
                found.items(), key=lambda each: (HEALTH_ORDER[each[0][0]], each[0][1])
            )
        ),
    )


def _unread(reading: ServiceReading) -> tuple[LogServiceHealth, str] | None:
    if reading.state is ReadingState.READ:
        return None
    return LogServiceHealth.UNKNOWN, reading.message or str(reading.state)


def _judged(
    service: LogService,
    region: str,
    rows: Mapping[tuple[str, str], list[ServiceConfiguration]],
    trails: Sequence[ServiceConfiguration],
) -> tuple[LogServiceHealth, str]:
    match service:
        case LogService.CLOUDTRAIL:
            return _best(_trail(row, region) for row in trails)
        case LogService.CONFIG:
            return _config(
                rows.get((CONFIG_RECORDER.kind, region), ()),
                rows.get((CONFIG_DELIVERY_CHANNEL.kind, region), ()),
            )
        case LogService.GUARDDUTY:
            return _detector(rows.get((GUARDDUTY_DETECTOR.kind, region), ()))
        case LogService.SECURITY_HUB:
            return _hub(rows.get((SECURITY_HUB.kind, region), ()))


def _best(found: Iterator[tuple[LogServiceHealth, str]]) -> tuple[LogServiceHealth, str]:
    """Return how the best of several trails fares: one good trail suffices."""
    judged = list(found)
    if not judged:
        return LogServiceHealth.OFF, "no trail logs it"
    return max(judged, key=lambda each: HEALTH_ORDER[each[0]])


def _trail(row: ServiceConfiguration, region: str) -> tuple[LogServiceHealth, str]:
    facts = row.facts
    if not facts["multi_region"] and row.region not in {region, GLOBAL_REGION}:
        return LogServiceHealth.OFF, "no trail logs this region"
    if row.unknown:
        return LogServiceHealth.UNKNOWN, f"the status of trail {row.name} could not be read"
    if not facts["logging"]:
        return LogServiceHealth.OFF, f"trail {row.name} is stopped"
    if facts["delivery_error"]:
        return (
            LogServiceHealth.DEGRADED,
            f"trail {row.name} cannot deliver to {facts['bucket']}: {facts['delivery_error']}",
        )
    if facts["management_events"] != "all":
        return (
            LogServiceHealth.DEGRADED,
            f"trail {row.name} logs {facts['management_events']} management events, not all",
        )
    return LogServiceHealth.GOOD, ""


def _config(
    recorders: Sequence[ServiceConfiguration], channels: Sequence[ServiceConfiguration]
) -> tuple[LogServiceHealth, str]:
    # Recorders of other services, such as Security Hub's own, record for these alone.
    own = [row for row in recorders if not row.facts["service_principal"]]
    if not own:
        return LogServiceHealth.OFF, "there is no recorder"
    recording = [row for row in own if row.facts["recording"]]
    if not recording:
        return LogServiceHealth.OFF, "the recorder is stopped"
    if not channels:
        return LogServiceHealth.DEGRADED, "there is no delivery channel"
    failing = [row for row in channels if row.facts["last_status"] == "FAILURE"]
    if failing:
        facts = failing[0].facts
        error = facts["last_error"] or "the latest delivery failed"
        return LogServiceHealth.DEGRADED, f"delivery to {facts['bucket']} fails: {error}"
    if any(row.facts["last_status"] == "FAILURE" for row in recording):
        error = recording[0].facts["last_error"] or "the latest recording failed"
        return LogServiceHealth.DEGRADED, f"recording fails: {error}"
    if not any(row.facts["all_supported"] for row in recording):
        return LogServiceHealth.DEGRADED, "not every supported resource type is recorded"
    return LogServiceHealth.GOOD, ""


def _detector(detectors: Sequence[ServiceConfiguration]) -> tuple[LogServiceHealth, str]:
    if not detectors:
        return LogServiceHealth.OFF, "there is no detector"
    if not any(row.facts["enabled"] for row in detectors):
        return LogServiceHealth.OFF, "the detector is suspended"
    return LogServiceHealth.GOOD, ""


def _hub(hubs: Sequence[ServiceConfiguration]) -> tuple[LogServiceHealth, str]:
    if not hubs:
        return LogServiceHealth.OFF, "Security Hub is not enabled"
    facts = hubs[0].facts
    if facts["standards"] is None:
        return LogServiceHealth.UNKNOWN, "its standards could not be read"
    if facts["standards_not_ready"]:
        count = len(facts["standards_not_ready"])
        return (
            LogServiceHealth.DEGRADED,
            f"{count} standard{'' if count == 1 else 's'} not ready",
        )
    if not facts["standards"]:
        return LogServiceHealth.DEGRADED, "no standard is enabled"
    return LogServiceHealth.GOOD, ""
