"""The landing zone and logging in a report."""

from datetime import datetime
from typing import Any, Final

from governance.baseline.landing_zone.control_tower import control_tower_status
from governance.baseline.landing_zone.core_accounts import core_accounts
from governance.baseline.landing_zone.findings import (
    LandingZoneFinding,
    LandingZoneSeverity,
    core_account_findings,
    tower_findings,
)
from governance.baseline.landing_zone.logging_health import (
    LOG_HEALTH_LABELS,
    LOG_SERVICE_LABELS,
    AccountLogging,
    LogService,
    LogServiceHealth,
    logging_health,
)
from governance.baseline.landing_zone.logging_summary import LoggingSummary, logging_summary
from governance.baseline.landing_zone.tower_facts import TOWER_DRIFT_LABELS, TowerDrift
from governance.reports.subtree import ReportedSubtree
from inventory.models import Connection
from inventory.service_facts import ENABLED_CONTROL
from inventory.viewing import Viewer

_AT_ONCE: Final = 500


def landing_zone_section(
    viewer: Viewer, *, connection: Connection, subtree: ReportedSubtree, now: datetime
) -> dict[str, Any]:
    """Return core accounts, Control Tower, and the findings about the subtree or all of it.

    Core accounts and Control Tower are the organization's, whatever the subtree.
    """
    standings = core_accounts(viewer, connection=connection, now=now)
    tower = control_tower_status(viewer, connection=connection, now=now)
    drifted = [one for one in tower.controls if one.drift is TowerDrift.DRIFTED]
    return {
        "core_accounts": [
            {
                "purpose": each.purpose.value,
                "label": each.label,
                "state": each.state.value,
                "account_id": each.account_id,
                "name": each.candidate.name if each.candidate else "",
                "because": each.because,
            }
            for each in standings
        ],
        "control_tower": {
            "state": tower.state.value,
            "because": tower.because,
            "version": tower.version,
            "drift": TOWER_DRIFT_LABELS[tower.drift],
            "controls": len(tower.controls),
            "controls_drifted": len(drifted),
            "controls_are_known": tower.reading(ENABLED_CONTROL).was_complete,
        },
        "findings": [
            _finding(one)
            for one in sorted(
                (*core_account_findings(standings), *tower_findings(tower.gaps)),
                key=lambda one: list(LandingZoneSeverity).index(one.severity),
            )
            if not one.target_id or subtree.is_root or subtree.holds(one.target_id)
        ],
    }


def _finding(one: LandingZoneFinding) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "severity": one.severity.value,
        "title": one.title,
        "because": one.because,
        "target_id": one.target_id,
        "target_name": one.target_name,
        "verified": one.verified,
    }


def logging_section(
    viewer: Viewer, *, connection: Connection, subtree: ReportedSubtree, now: datetime
) -> dict[str, Any]:
    """Return how logging and detection fare: `counts` of accounts by service and health.

    `accounts`: those in which a service is not on everywhere, with the reason and the regions.
    """
    summary = logging_summary(viewer, connection=connection, now=now)
    own = LoggingSummary(
        tuple(line for line in summary.lines if line.account_id in subtree.accounts)
    )
    lacking = [line.account_id for line in own.lines if line.worst is not LogServiceHealth.GOOD]
    accounts: list[dict[str, Any]] = []
    for start in range(0, len(lacking), _AT_ONCE):
        chosen = lacking[start : start + _AT_ONCE]
        health = logging_health(viewer, connection=connection, now=now, account_ids=chosen)
        accounts += [_account(each) for each in health.accounts]
    return {
        "counts": {
            service.value: {
                health.value: own.counts[service][health] for health in LogServiceHealth
            }
            for service in LogService
        },
        "accounts": accounts,
    }


def _account(one: AccountLogging) -> dict[str, Any]:
    return {
        "account_id": one.account_id,
        "name": one.name,
        "problems": [
            {
                "service": LOG_SERVICE_LABELS[service],
                "health": each.health.value,
                "label": LOG_HEALTH_LABELS[each.health],
                "because": each.words,
                "regions": list(each.regions),
            }
            for service, found in one.services.items()
            for each in found.regions
            if each.health is not LogServiceHealth.GOOD
        ],
    }
