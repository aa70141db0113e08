"""What is wrong with the landing zone: core accounts missing, merged, contradicted; its gaps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from governance.baseline.landing_zone.core_accounts import (
    CoreAccountStanding,
    CoreAccountState,
    merged_purposes,
)
from governance.baseline.landing_zone.models import CoreAccount
from governance.baseline.landing_zone.tower_facts import TowerGap, TowerGapKind

_CORE: Final = frozenset({CoreAccount.Purpose.LOG_ARCHIVE, CoreAccount.Purpose.SECURITY_TOOLING})


class LandingZoneSeverity(StrEnum):
    """How much a finding matters, the worst first; the inbox's own scale."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class LandingZoneFinding:
    """One thing that is wrong. `key`: the same as long as it is the same thing.

    `target_id`: the account or OU that it is about; empty: the organization. `verified`: False
    where what it rests on could not be read.
    """

    key: str
    kind: str
    severity: LandingZoneSeverity
    title: str
    because: str
    target_id: str = ""
    target_name: str = ""
    verified: bool = True


_GAP_SEVERITY: Final = {
    TowerGapKind.TRUSTED_ACCESS_LOST: LandingZoneSeverity.CRITICAL,
    TowerGapKind.LANDING_ZONE_DRIFTED: LandingZoneSeverity.HIGH,
    TowerGapKind.CONTROL_DRIFTED: LandingZoneSeverity.HIGH,
    TowerGapKind.POLICY_MISSING: LandingZoneSeverity.HIGH,
    TowerGapKind.CONTROL_FAILED: LandingZoneSeverity.MEDIUM,
    TowerGapKind.BASELINE_DRIFTED: LandingZoneSeverity.MEDIUM,
    TowerGapKind.ENROLLED_OUTSIDE: LandingZoneSeverity.MEDIUM,
    TowerGapKind.NOT_ENROLLED: LandingZoneSeverity.MEDIUM,
    TowerGapKind.ATTACHED_TO_ACCOUNT: LandingZoneSeverity.LOW,
    TowerGapKind.UPDATE_AVAILABLE: LandingZoneSeverity.LOW,
}
_GAP_TITLES: Final = {
    TowerGapKind.TRUSTED_ACCESS_LOST: "Control Tower lost trusted access",
    TowerGapKind.LANDING_ZONE_DRIFTED: "The landing zone has drifted",
    TowerGapKind.CONTROL_DRIFTED: "A control has drifted",
    TowerGapKind.POLICY_MISSING: "A preventive control has no policy",
    TowerGapKind.CONTROL_FAILED: "A control's last operation failed",
    TowerGapKind.BASELINE_DRIFTED: "A registered OU's baseline has drifted",
    TowerGapKind.ENROLLED_OUTSIDE: "An enrolled account left its OU",
    TowerGapKind.NOT_ENROLLED: "An account in a registered OU is not enrolled",
    TowerGapKind.ATTACHED_TO_ACCOUNT: "A policy is attached to an enrolled account",
    TowerGapKind.UPDATE_AVAILABLE: "The landing zone can be updated",
}


def core_account_findings(
    standings: Sequence[CoreAccountStanding],
) -> Iterator[LandingZoneFinding]:
    """Yield what is wrong with core accounts. UNKNOWN ones are findings that are not verified."""
    for each in standings:
        found = _standing(each)
        if found is not None:
            yield found
    for account_id, (several, why) in merged_purposes(standings).items():
        candidate = several[0].candidate
        labels = ", ".join(each.label.lower() for each in several)
        yield LandingZoneFinding(
            key=f"core_account_merged:{account_id}",
            kind="core_account_merged",
            severity=LandingZoneSeverity.HIGH,
            title=f"One account does the work of several: {labels}",
            because=why,
            target_id=account_id,
            target_name=candidate.name if candidate else "",
        )


def _standing(each: CoreAccountStanding) -> LandingZoneFinding | None:
    label = each.label
    worst = LandingZoneSeverity.HIGH if each.purpose in _CORE else LandingZoneSeverity.MEDIUM
    candidate = each.candidate
    name = candidate.name if candidate else ""
    match each.state:
        case CoreAccountState.MISSING | CoreAccountState.UNKNOWN:
            missing = each.state is CoreAccountState.MISSING
            return LandingZoneFinding(
                key=f"core_account_missing:{each.purpose}",
                kind="core_account_missing",
                severity=worst,
                title=f"No account for {label.lower()}"
                if missing
                else f"Whether there is an account for {label.lower()} is not known",
                because=each.because,
                verified=missing,
            )
        case CoreAccountState.CONTRADICTED:
            return LandingZoneFinding(
                key=f"core_account_contradicted:{each.purpose}",
                kind="core_account_contradicted",
                severity=worst,
                title=f"The confirmed account for {label.lower()} is in doubt",
                because=each.because,
                target_id=each.account_id,
                target_name=name,
            )
        case CoreAccountState.AMBIGUOUS:
            return LandingZoneFinding(
                key=f"core_account_ambiguous:{each.purpose}",
                kind="core_account_ambiguous",
                severity=LandingZoneSeverity.LOW,
                title=f"Several accounts may be for {label.lower()}: confirm one",
                because=each.because,
            )
        case CoreAccountState.FOUND if candidate is not None and not candidate.is_inside:
            return LandingZoneFinding(
                key=f"core_account_outside:{each.purpose}",
                kind="core_account_outside",
                severity=LandingZoneSeverity.HIGH,
                title=f"The account for {label.lower()} is not active in the organization",
                because=candidate.evidence[0].words,
                target_id=each.account_id,
                target_name=name,
            )
    return None


def tower_findings(gaps: Sequence[TowerGap]) -> Iterator[LandingZoneFinding]:
    """Yield Control Tower's gaps as findings."""
    for gap in gaps:
        # Several controls of one OU may have drifted: the words name the control.
        yield LandingZoneFinding(
            key=f"control_tower:{gap.kind}:{gap.target_id}:{gap.subject}",
            kind=f"control_tower_{gap.kind}",
            severity=_GAP_SEVERITY[gap.kind],
            title=_GAP_TITLES[gap.kind],
            because=gap.words,
            target_id=gap.target_id,
            target_name=gap.target_name,
        )
