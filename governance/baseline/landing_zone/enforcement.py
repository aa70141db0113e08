"""Who enforces what: Control Tower, the organization's own policies, or nobody."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from governance.baseline.landing_zone.control_tower import control_tower_status
from governance.baseline.landing_zone.tower_facts import (
    ControlTowerState,
    ControlTowerStatus,
    EnabledControl,
)
from governance.baseline.landing_zone.tower_gaps import CONTROL_TYPES, is_control_towers
from inventory.models import Connection
from inventory.selectors.delegation import root
from inventory.selectors.hierarchy import (
    AttachedPolicy,
    accounts,
    attached_policies,
    organization,
    organizational_units,
)
from inventory.viewing import Viewer

_READABLE: Final = ("ACTIVE", "")


class Enforcer(StrEnum):
    """Who limits what an account may do, by policies and controls on its way from the root.

    UNKNOWN: none of the organization's own policies, and what Control Tower does is not known.
    """

    BOTH = "both"
    CONTROL_TOWER = "control_tower"
    ORGANIZATION = "organization"
    NOBODY = "nobody"
    UNKNOWN = "unknown"


ENFORCER_LABELS: Final[Mapping[Enforcer, str]] = {
    Enforcer.BOTH: "Control Tower and own policies",
    Enforcer.CONTROL_TOWER: "Control Tower",
    Enforcer.ORGANIZATION: "Own policies",
    Enforcer.NOBODY: "Nobody",
    Enforcer.UNKNOWN: "Unknown",
}


class EnforcedTargetKind(StrEnum):
    """What controls and policies are put on."""

    ROOT = "root"
    ORGANIZATIONAL_UNIT = "organizational_unit"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class TargetEnforcement:
    """A target with what is put on it itself.

    `enforcer`: with what it inherits. `binds`: False for the management account, which SCPs and
    RCPs do not bind. AWS's own default policies are left out.
    """

    target_id: str
    kind: EnforcedTargetKind
    name: str
    parent_id: str
    controls: tuple[EnabledControl, ...]
    tower_attached: tuple[AttachedPolicy, ...]
    own_attached: tuple[AttachedPolicy, ...]
    enforcer: Enforcer
    binds: bool = True

    @property
    def tower_policies(self) -> tuple[str, ...]:
        """The names of Control Tower's policies."""
        return tuple(each.name for each in self.tower_attached)

    @property
    def own_policies(self) -> tuple[str, ...]:
        """The names of the organization's own policies."""
        return tuple(each.name for each in self.own_attached)


@dataclass(frozen=True, slots=True)
class LandingZoneEnforcement:
    """Who enforces what in an organization.

    `tower`: whether what Control Tower enforces is known. `targets`: the root, every OU and those
    accounts that have something of their own, parents before children. `accounts`: active accounts
    by enforcer. `by_nobody`: ids of those that nobody limits, the management account among them.
    """

    tower: ControlTowerState
    targets: tuple[TargetEnforcement, ...]
    accounts: Mapping[Enforcer, int]
    by_nobody: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _OwnEnforcement:
    controls: Mapping[str, tuple[EnabledControl, ...]]
    policies: Mapping[str, tuple[AttachedPolicy, ...]]

    def tower_policies(self, target_id: str) -> tuple[AttachedPolicy, ...]:
        return tuple(each for each in self._limiting(target_id) if is_control_towers(each))

    def own_policies(self, target_id: str) -> tuple[AttachedPolicy, ...]:
        return tuple(each for each in self._limiting(target_id) if not is_control_towers(each))

    def _limiting(self, target_id: str) -> Iterator[AttachedPolicy]:
        for each in self.policies.get(target_id, ()):
            if each.type in CONTROL_TYPES and not each.is_default:
                yield each

    def here(self, target_id: str) -> tuple[bool, bool]:
        """Return whether Control Tower, and whether the organization, limits at a target itself."""
        return (
            bool(self.controls.get(target_id)) or bool(self.tower_policies(target_id)),
            bool(self.own_policies(target_id)),
        )


def landing_zone_enforcement(
    viewer: Viewer,
    *,
    connection: Connection,
    now: datetime,
    as_of: datetime | None = None,
    status: ControlTowerStatus | None = None,
) -> LandingZoneEnforcement:
    """Return who limits which accounts, by what. `status`: Control Tower's, if it is known yet."""
    tower = status or control_tower_status(viewer, connection=connection, now=now, as_of=as_of)
    controls: dict[str, list[EnabledControl]] = {}
    for control in tower.controls:
        controls.setdefault(control.target_id, []).append(control)
    own = _OwnEnforcement(
        {target_id: tuple(each) for target_id, each in controls.items()},
        attached_policies(viewer, connection=connection, as_of=as_of),
    )
    top = root(viewer, connection=connection, as_of=as_of)
    organization_row = organization(viewer, connection=connection, as_of=as_of)
    management = organization_row.management_account_id if organization_row else ""
    limits: dict[str, tuple[bool, bool]] = {}
    targets: list[TargetEnforcement] = []

    def add(
        target_id: str, kind: EnforcedTargetKind, name: str, parent_id: str, *, shown: bool = True
    ) -> Enforcer:
        above = limits.get(parent_id, (False, False))
        here = own.here(target_id)
        limits[target_id] = above[0] or here[0], above[1] or here[1]
        binds = target_id != management
        enforcer = _enforcer(*limits[target_id], tower.state) if binds else Enforcer.NOBODY
        if shown or any(here):
            targets.append(
                TargetEnforcement(
                    target_id,
                    kind,
                    name,
                    parent_id,
                    own.controls.get(target_id, ()),
                    own.tower_policies(target_id),
                    own.own_policies(target_id),
                    enforcer,
                    binds,
                )
            )
        return enforcer

    if top is not None:
        add(top.target_id, EnforcedTargetKind.ROOT, top.name, "")
    units = list(organizational_units(viewer, connection=connection, as_of=as_of))
    for unit in sorted(units, key=lambda each: (each.path.count("/"), each.name)):
        add(unit.target_id, EnforcedTargetKind.ORGANIZATIONAL_UNIT, unit.name, unit.parent_id)
    counted: Counter[Enforcer] = Counter()
    by_nobody: list[str] = []
    for account in accounts(viewer, connection=connection, as_of=as_of).order_by("name"):
        enforcer = add(
            account.account_id,
            EnforcedTargetKind.ACCOUNT,
            account.name,
            account.parent_id,
            shown=False,
        )
        if account.state in _READABLE:
            counted[enforcer] += 1
            if enforcer is Enforcer.NOBODY:
                by_nobody.append(account.account_id)
    return LandingZoneEnforcement(
        tower.state,
        tuple(targets),
        {enforcer: counted[enforcer] for enforcer in Enforcer},
        tuple(by_nobody),
    )


def _enforcer(by_tower: bool, by_organization: bool, tower: ControlTowerState) -> Enforcer:
    if by_tower and by_organization:
        return Enforcer.BOTH
    if by_tower:
        return Enforcer.CONTROL_TOWER
    if by_organization:
        return Enforcer.ORGANIZATION
    known = tower in {ControlTowerState.SET_UP, ControlTowerState.NOT_SET_UP}
    return Enforcer.NOBODY if known else Enforcer.UNKNOWN
