"""What is amiss with Control Tower: what it says itself, and what it says nothing of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from governance.baseline.landing_zone.tower_facts import (
    ControlTowerStatus,
    EnabledControl,
    TowerDrift,
    TowerGap,
    TowerGapKind,
)
from inventory.models import Account, ServiceConfiguration
from inventory.selectors.hierarchy import AttachedPolicy
from inventory.service_facts import ENABLED_BASELINE

SERVICE: Final = "controltower.amazonaws.com"
GUARDRAIL_POLICIES: Final = "aws-guardrails-"
CONTROL_TYPES: Final = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
_FAILED: Final = "FAILED"


@dataclass(frozen=True, slots=True)
class TowerRows:
    """The rows that Control Tower's status is made of. `names`: of OUs and accounts by id."""

    by_kind: Mapping[str, list[ServiceConfiguration]]
    names: Mapping[str, str]
    accounts: Mapping[str, Account]
    trusted: frozenset[str]
    attached: Mapping[str, Sequence[AttachedPolicy]]

    @property
    def is_trusted(self) -> bool:
        """Whether Control Tower is a trusted service of the organization."""
        return SERVICE in self.trusted

    def name(self, target_id: str) -> str:
        """Return a target's name, or its id where it is not there any more."""
        return self.names.get(target_id) or target_id


def is_control_towers(policy: AttachedPolicy) -> bool:
    """Whether Control Tower made a policy, told by its name."""
    return policy.name.lower().startswith(GUARDRAIL_POLICIES)


def tower_gaps(
    status: ControlTowerStatus, rows: TowerRows, *, trusted_known: bool
) -> Iterator[TowerGap]:
    """Yield what is amiss. `trusted_known`: trusted services were read, so one not there is off."""
    yield from _told(status, rows)
    if trusted_known and not rows.is_trusted:
        yield TowerGap(
            TowerGapKind.TRUSTED_ACCESS_LOST,
            "",
            "",
            f"{SERVICE} is not a trusted service of the organization any more: Control Tower can "
            "neither detect drift nor repair it",
        )
    yield from _enrolment(status, rows)
    for control in status.controls:
        if control.is_by_policy and not _has_policy(control, rows):
            yield TowerGap(
                TowerGapKind.POLICY_MISSING,
                control.target_id,
                rows.name(control.target_id),
                f"{control.identifier} is enabled, and no policy of Control Tower "
                f"({GUARDRAIL_POLICIES}…) is attached to {rows.name(control.target_id)}",
                control.identifier,
            )
    yield from _attachments(status, rows)


def _told(status: ControlTowerStatus, rows: TowerRows) -> Iterator[TowerGap]:
    if status.drift is TowerDrift.DRIFTED:
        yield TowerGap(
            TowerGapKind.LANDING_ZONE_DRIFTED, "", "", "the landing zone has drifted: repair it"
        )
    if status.is_outdated:
        yield TowerGap(
            TowerGapKind.UPDATE_AVAILABLE,
            "",
            "",
            f"landing zone {status.version} can be updated to {status.latest_version}",
        )
    for control in status.controls:
        name = rows.name(control.target_id)
        if control.drift is TowerDrift.DRIFTED:
            yield TowerGap(
                TowerGapKind.CONTROL_DRIFTED,
                control.target_id,
                name,
                f"{control.identifier} has drifted on {name}: reset the control",
                control.identifier,
            )
        if control.status == _FAILED:
            yield TowerGap(
                TowerGapKind.CONTROL_FAILED,
                control.target_id,
                name,
                f"the last operation on {control.identifier} failed on {name}",
                control.identifier,
            )
    for unit in status.units:
        if unit.drift is TowerDrift.DRIFTED:
            yield TowerGap(
                TowerGapKind.BASELINE_DRIFTED,
                unit.unit_id,
                unit.name,
                f"the baseline of {unit.name or unit.unit_id} has drifted: register it again",
            )


def _enrolment(status: ControlTowerStatus, rows: TowerRows) -> Iterator[TowerGap]:
    for account in status.enrolled:
        if account.outside:
            where = rows.accounts.get(account.account_id)
            is_now = rows.name(where.parent_id) if where else "outside of the organization"
            yield TowerGap(
                TowerGapKind.ENROLLED_OUTSIDE,
                account.account_id,
                account.name,
                f"{account.name or account.account_id} was enrolled in "
                f"{rows.name(account.unit_id)} and is in {is_now} now",
            )
    if not status.reading(ENABLED_BASELINE).was_complete:
        return
    for unit in status.units:
        for account_id in unit.not_enrolled:
            yield TowerGap(
                TowerGapKind.NOT_ENROLLED,
                account_id,
                rows.name(account_id),
                f"{rows.name(account_id)} is in {unit.name or unit.unit_id}, which Control Tower "
                "governs, and is not enrolled",
            )


def _has_policy(control: EnabledControl, rows: TowerRows) -> bool:
    return any(is_control_towers(each) for each in rows.attached.get(control.target_id, ()))


def _attachments(status: ControlTowerStatus, rows: TowerRows) -> Iterator[TowerGap]:
    """Yield policies that somebody attached to enrolled accounts themselves."""
    for account in status.enrolled:
        own = [
            each.name
            for each in rows.attached.get(account.account_id, ())
            if each.type in CONTROL_TYPES and not each.is_default and not is_control_towers(each)
        ]
        if own:
            yield TowerGap(
                TowerGapKind.ATTACHED_TO_ACCOUNT,
                account.account_id,
                account.name,
                f"{', '.join(sorted(own))} is attached to {account.name or account.account_id} "
                "itself, which Control Tower does not look at",
            )
