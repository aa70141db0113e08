"""How the landing zone stands: core accounts, findings, Control Tower, enforcement, logging."""

from collections.abc import Sequence
from typing import Any, Final

from governance.access import rights
from governance.baseline.landing_zone.core_accounts import (
    CoreAccountStanding,
    CoreAccountState,
    core_accounts,
)
from governance.baseline.landing_zone.enforcement import (
    ENFORCER_LABELS,
    Enforcer,
    landing_zone_enforcement,
)
from governance.baseline.landing_zone.findings import (
    LandingZoneFinding,
    LandingZoneSeverity,
    core_account_findings,
    tower_findings,
)
from governance.baseline.landing_zone.logging_health import (
    LOG_SERVICE_LABELS,
    LogService,
    LogServiceHealth,
)
from governance.baseline.landing_zone.logging_summary import LoggingSummary, logging_summary
from governance.baseline.landing_zone.tower_facts import ControlTowerState, TowerDrift
from governance.web.landing_zone.frame import LandingZoneScreen
from governance.web.landing_zone.wording import core_sentence, logging_sentence, tower_sentence
from inventory.selectors.hierarchy import accounts
from inventory.selectors.service_configurations import NEVER_READ, ReadingState
from inventory.service_facts import (
    CATALOG_CONTROL,
    ENABLED_BASELINE,
    ENABLED_CONTROL,
    LANDING_ZONE,
)
from inventory.viewing import sees_whole

READING_LOOKS: Final = {
    ReadingState.READ: "collected",
    ReadingState.STALE: "stale",
    ReadingState.DENIED: "denied",
    ReadingState.FAILED: "failed",
    ReadingState.UNSUPPORTED: "unsupported",
    ReadingState.NEVER: "unknown",
}
"""How a reading's state looks."""
_READINGS: Final = (
    ("Landing zone", LANDING_ZONE.collector),
    ("Enabled controls", ENABLED_CONTROL.collector),
    ("Enabled baselines", ENABLED_BASELINE.collector),
    ("Control Catalog", CATALOG_CONTROL.collector),
    ("Trusted services", "organizations.trusted_services"),
)
_FINDINGS_SHOWN: Final = 50
_GAPS_SHOWN: Final = 50
_NAMED: Final = 12
_DOUBTFUL: Final = frozenset({CoreAccountState.FOUND, CoreAccountState.AMBIGUOUS})


class LandingZonePage(LandingZoneScreen):
    """The landing zone in a few sentences, then what they rest on."""

    required_right = rights.VIEW_LANDING_ZONE
    template_name = "governance/landing_zone/overview.html"
    tab = "overview"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add each part of the landing zone."""
        standings = core_accounts(self.viewer, **self.asked)
        tower = self.tower
        summary = logging_summary(self.viewer, **self.asked)
        findings = sorted(
            (*core_account_findings(standings), *tower_findings(tower.gaps)),
            key=lambda one: list(LandingZoneSeverity).index(one.severity),
        )
        return super().get_context_data(
            sentences=[core_sentence(standings), tower_sentence(tower), logging_sentence(summary)],
            core_rows=[self.core_row(each) for each in standings],
            may_confirm=self.as_of is None and self.may(rights.CONFIRM_CORE_ACCOUNTS),
            finding_rows=[self.finding_row(one) for one in findings[:_FINDINGS_SHOWN]],
            finding_count=len(findings),
            more_findings=max(0, len(findings) - _FINDINGS_SHOWN),
            controls_href=self.href("landing-zone-controls") + self.as_of_query,
            enforcement_href=self.href("landing-zone-enforcement") + self.as_of_query,
            logging_href=self.href("landing-zone-logging") + self.as_of_query,
            **self.tower_context(),
            **self.enforcement_context(),
            logging_rows=self.logging_rows(summary),
            health_looks=[f"log_{health}" for health in LogServiceHealth],
            account_count=len(summary.lines),
            **kwargs,
        )

    def core_row(self, each: CoreAccountStanding) -> dict[str, Any]:
        """Return one purpose with its candidates, the one it is first."""
        return {
            "standing": each,
            "look": f"core_{each.state}",
            "candidates": [
                {
                    "candidate": one,
                    "href": self.target_href(one.account_id) if one.name else "",
                    "is_it": one.account_id == each.account_id,
                    "may_be_confirmed": one.is_inside
                    and (each.confirmed is None or one.account_id != each.confirmed.account_id),
                }
                for one in sorted(each.candidates, key=lambda c: c.account_id != each.account_id)
            ],
            "needs_confirming": each.state in _DOUBTFUL,
        }

    def finding_row(self, one: LandingZoneFinding) -> dict[str, Any]:
        """Return a finding with the page of what it is about."""
        return {"finding": one, "href": self.target_href(one.target_id) if one.target_name else ""}

    def tower_context(self) -> dict[str, Any]:
        """Return what is said of Control Tower, and what it does not say."""
        tower = self.tower
        readings = [
            (label, READING_LOOKS[reading.state], reading)
            for label, collector in _READINGS
            for reading in [tower.readings.get(collector, NEVER_READ)]
        ]
        silent = [gap for gap in tower.gaps if not gap.told_by_control_tower]
        unread = [label.lower() for label, look, _ in readings if look not in {"collected"}]
        return {
            "tower": tower,
            "is_set_up": tower.state is ControlTowerState.SET_UP,
            "tower_look": f"tower_{tower.drift}",
            "drift_counts": [
                (f"tower_{drift}", tower.controls_by_drift[drift], drift.value)
                for drift in TowerDrift
            ],
            "controls_are_known": self.is_read(ENABLED_CONTROL.collector),
            "baselines_are_known": self.is_read(ENABLED_BASELINE.collector),
            "readings": readings,
            "silent_gaps": [(gap, self.target_href(gap.target_id)) for gap in silent[:_GAPS_SHOWN]],
            "more_silent": max(0, len(silent) - _GAPS_SHOWN),
            "unread": ", ".join(unread),
            "sees_all": sees_whole(self.viewer, self.connection),
        }

    def is_read(self, collector: str) -> bool:
        """Whether a collector's rows are all that there is, or were some time ago."""
        return self.tower.readings.get(collector, NEVER_READ).was_complete

    def enforcement_context(self) -> dict[str, Any]:
        """Return in how many accounts who enforces, and the accounts that nobody limits."""
        found = landing_zone_enforcement(self.viewer, **self.asked, status=self.tower)
        named = found.by_nobody[:_NAMED]
        rows = accounts(self.viewer, connection=self.connection, as_of=self.as_of)
        names = dict(rows.filter(account_id__in=named).values_list("account_id", "name"))
        return {
            "enforcers": [
                (f"enforced_{one}", ENFORCER_LABELS[one], found.accounts[one]) for one in Enforcer
            ],
            "by_nobody": [(names.get(one) or one, self.target_href(one)) for one in named],
            "more_by_nobody": max(0, len(found.by_nobody) - _NAMED),
        }

    def logging_rows(self, summary: LoggingSummary) -> Sequence[dict[str, Any]]:
        """Return each service with its accounts by health, and the addresses of these."""
        base = self.href("landing-zone-logging")
        as_of = f"&{self.as_of_query[1:]}" if self.as_of else ""
        return [
            {
                "label": LOG_SERVICE_LABELS[service],
                "cells": [
                    {
                        "count": summary.counts[service][health],
                        "href": f"{base}?service={service}&health={health}{as_of}",
                    }
                    for health in LogServiceHealth
                ],
            }
            for service in LogService
        ]
