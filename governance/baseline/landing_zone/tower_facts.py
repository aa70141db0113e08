"""What is said of Control Tower: its landing zone, controls, enrolment and gaps, as values."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from inventory.selectors.service_configurations import NEVER_READ, ServiceReading
from inventory.service_facts import ServiceKind

CONTROL_SEVERITIES: Final = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
"""Of the Control Catalog, the worst first."""
CONTROL_BEHAVIORS: Final = ("PREVENTIVE", "DETECTIVE", "PROACTIVE")
CONTROL_STATUSES: Final = ("SUCCEEDED", "FAILED", "UNDER_CHANGE")
_PREVENTIVE: Final = CONTROL_BEHAVIORS[0]
_POLICY_IMPLEMENTATION: Final = "AWS::Organizations::Policy::"


class ControlTowerState(StrEnum):
    """Whether there is a landing zone.

    SET_UP: there is. NOT_SET_UP: there is none, and that was read. ELSEWHERE: none was found in the
    connection's home region, and Control Tower is trusted in the organization, so that it may have
    another home region. UNKNOWN: it could not be read.
    """

    SET_UP = "set_up"
    NOT_SET_UP = "not_set_up"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"


class TowerDrift(StrEnum):
    """Control Tower's own words for whether something is as it set it up."""

    IN_SYNC = "in_sync"
    DRIFTED = "drifted"
    NOT_CHECKING = "not_checking"
    UNKNOWN = "unknown"


TOWER_DRIFT_LABELS: Final[Mapping[TowerDrift, str]] = {
    TowerDrift.IN_SYNC: "In sync",
    TowerDrift.DRIFTED: "Drifted",
    TowerDrift.NOT_CHECKING: "Not checking",
    TowerDrift.UNKNOWN: "Unknown",
}


def tower_drift(said: str | None) -> TowerDrift:
    """Return Control Tower's word; UNKNOWN where it says nothing."""
    try:
        return TowerDrift(str(said or "").lower())
    except ValueError:
        return TowerDrift.UNKNOWN


@dataclass(frozen=True, slots=True)
class EnabledControl:
    """A control that Control Tower enforces at a target, with the catalogue's data.

    `drift`: of the control as a whole; `inheritance_drift`, `resource_drift`: in part, where
    Control Tower says. `catalogued`: False where the catalogue's data were not read, or it has
    none: title, behavior, severity and frameworks are then empty. `parameters`: None where they
    could not be read.
    """

    arn: str
    control: str
    identifier: str
    target_id: str
    target_name: str
    target_kind: str
    status: str
    drift: TowerDrift
    inheritance_drift: TowerDrift | None
    resource_drift: TowerDrift | None
    parameters: Mapping[str, Any] | None
    regions: tuple[str, ...] | None
    catalogued: bool
    title: str
    description: str
    behavior: str
    severity: str
    implementation: str
    governed_resources: tuple[str, ...]
    frameworks: tuple[tuple[str, str], ...]
    since: datetime

    @property
    def severity_rank(self) -> int:
        """Where its severity stands among `CONTROL_SEVERITIES`; what is not known comes last."""
        known = self.severity in CONTROL_SEVERITIES
        return CONTROL_SEVERITIES.index(self.severity) if known else len(CONTROL_SEVERITIES)

    @property
    def is_by_policy(self) -> bool:
        """Whether the control is an SCP or RCP of Control Tower's own on its target."""
        return self.behavior == _PREVENTIVE and self.implementation.startswith(
            _POLICY_IMPLEMENTATION
        )


@dataclass(frozen=True, slots=True)
class EnrolledAccount:
    """An account that Control Tower governs. `unit_id`: the OU by which it was enrolled.

    `outside`: it lies in another OU now.
    """

    account_id: str
    name: str
    unit_id: str
    version: str
    status: str
    drift: TowerDrift
    outside: bool


@dataclass(frozen=True, slots=True)
class RegisteredUnit:
    """An OU that Control Tower governs. `not_enrolled`: ids of the accounts in it that are not."""

    unit_id: str
    name: str
    version: str
    status: str
    drift: TowerDrift
    enrolled: int
    not_enrolled: tuple[str, ...]


class TowerGapKind(StrEnum):
    """What is amiss, told by Control Tower (the first four) or by Orgwarden alone."""

    LANDING_ZONE_DRIFTED = "landing_zone_drifted"
    CONTROL_DRIFTED = "control_drifted"
    CONTROL_FAILED = "control_failed"
    BASELINE_DRIFTED = "baseline_drifted"
    TRUSTED_ACCESS_LOST = "trusted_access_lost"
    ENROLLED_OUTSIDE = "enrolled_outside"
    NOT_ENROLLED = "not_enrolled"
    POLICY_MISSING = "policy_missing"
    ATTACHED_TO_ACCOUNT = "attached_to_account"
    UPDATE_AVAILABLE = "update_available"


TOLD_BY_CONTROL_TOWER: Final = frozenset(
    {
        TowerGapKind.LANDING_ZONE_DRIFTED,
        TowerGapKind.CONTROL_DRIFTED,
        TowerGapKind.CONTROL_FAILED,
        TowerGapKind.BASELINE_DRIFTED,
        TowerGapKind.UPDATE_AVAILABLE,
    }
)


@dataclass(frozen=True, slots=True)
class TowerGap:
    """One thing that is amiss. `target_id`: of the OU or account; empty: the landing zone.

    `subject`: the control that it is about; empty: none.
    """

    kind: TowerGapKind
    target_id: str
    target_name: str
    words: str
    subject: str = ""

    @property
    def told_by_control_tower(self) -> bool:
        """Whether Control Tower says it itself."""
        return self.kind in TOLD_BY_CONTROL_TOWER


@dataclass(frozen=True)
class ControlTowerStatus:
    """Control Tower of an organization. Unless SET_UP, all but `because` is empty.

    `because`: why the state is what it is, in words. `readings`: of each collector.
    `latest_version`: None where AWS does not say.
    """

    state: ControlTowerState
    because: str
    readings: Mapping[str, ServiceReading]
    region: str = ""
    version: str = ""
    latest_version: str | None = None
    status: str = ""
    drift: TowerDrift = TowerDrift.UNKNOWN
    governed_regions: tuple[str, ...] = ()
    controls: tuple[EnabledControl, ...] = ()
    units: tuple[RegisteredUnit, ...] = ()
    enrolled: tuple[EnrolledAccount, ...] = ()
    gaps: tuple[TowerGap, ...] = ()

    @cached_property
    def controls_by_drift(self) -> Mapping[TowerDrift, int]:
        """How many enabled controls are in each of the four states."""
        counted = Counter(each.drift for each in self.controls)
        return {each: counted[each] for each in TowerDrift}

    @property
    def is_outdated(self) -> bool:
        """Whether AWS offers a later version."""
        return bool(self.latest_version) and self.latest_version != self.version

    def reading(self, kind: ServiceKind) -> ServiceReading:
        """Return how well a kind is known."""
        return self.readings.get(kind.collector, NEVER_READ)
