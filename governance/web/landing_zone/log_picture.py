"""Logging health as one picture: accounts by services, a cell a state with its reason."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

from django.http import HttpResponseBase

from governance.access import rights
from governance.baseline.landing_zone.core_accounts import core_accounts
from governance.baseline.landing_zone.logging_health import (
    LOG_HEALTH_LABELS,
    LOG_SERVICE_LABELS,
    AccountLogging,
    LogService,
    LogServiceHealth,
    RegionHealth,
    ServiceHealth,
    logging_health,
)
from governance.baseline.landing_zone.logging_summary import (
    LoggingLine,
    LoggingSummary,
    logging_summary,
)
from governance.baseline.landing_zone.trail_storage import trail_storages
from governance.web.landing_zone.frame import PAGE_SIZE, LandingZoneScreen
from governance.web.parts.exports import Exporting, export_response
from governance.web.parts.filters import FilterChip, address, choice_chip
from governance.web.parts.keyset import keyset_links, keyset_page_of
from inventory.selectors.service_configurations import ReadingState

_UNREAD_LOOKS: Final = {
    ReadingState.DENIED: "denied",
    ReadingState.FAILED: "failed",
    ReadingState.STALE: "stale",
}
_SAID: Final = {**LOG_HEALTH_LABELS, LogServiceHealth.GOOD: "Good"}
_REASONS: Final = 3
_EXPORT_HEADS: Final = ("account_id", "account_name", "parent_id", *map(str, LogService))


class LandingZoneLoggingPage(Exporting, LandingZoneScreen):
    """Accounts by services, grouped by OU, filtered and paged."""

    required_right = rights.VIEW_LANDING_ZONE
    template_name = "governance/landing_zone/logging.html"
    shows_tables = ("ServiceConfiguration", "Account", "ResourcePolicy")
    tab = "logging"

    @cached_property
    def summary(self) -> LoggingSummary:
        """Every account with its worst health by service."""
        return logging_summary(self.viewer, **self.asked)

    def found(self) -> list[LoggingLine]:
        """Return the accounts that the filters leave, by OU and name."""
        query = self.request.GET
        healths = set(query.getlist("health")) - {""}
        wanted = set(query.getlist("service"))
        services = [one for one in LogService if one.value in wanted] or list(LogService)
        words = query.get("q", "").strip().lower()
        left = [
            line
            for line in self.summary.lines
            if (not healths or any(line.of(one).value in healths for one in services))
            and (not words or words in line.name.lower() or words in line.account_id)
        ]
        return sorted(left, key=self.order)

    def order(self, line: LoggingLine) -> tuple[str, ...]:
        """Return where an account stands: by OU, then by name."""
        return self.unit_name(line.parent_id), line.parent_id, line.name, line.account_id

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a page of accounts with the reasons of each cell."""
        query = self.request.GET
        rows = keyset_page_of(
            query,
            self.found(),
            order=self.order,
            key=lambda line: line.account_id,
            page_size=PAGE_SIZE,
            start_rows=self.summary.lines,
        )
        rows.object_list = self.groups(rows.object_list)
        return super().get_context_data(
            services=[LOG_SERVICE_LABELS[service] for service in LogService],
            legend=[f"log_{health}" for health in LogServiceHealth],
            is_collected=bool(self.summary.lines),
            column_count=len(LogService) + 1,
            trails=self.trails(),
            chips=self.chips(),
            row_noun="account,accounts",
            csv_href=address(query, format="csv"),
            json_href=address(query, format="json"),
            rows=rows,
            **keyset_links(query, rows),
            **kwargs,
        )

    def trails(self) -> Sequence[dict[str, Any]]:
        """Return the organization's trails with their checks, on the first page alone."""
        if self.request.GET.keys() & {"after_row", "before_row"}:
            return ()
        found = trail_storages(
            self.viewer,
            connection=self.connection,
            standings=core_accounts(self.viewer, **self.asked),
            as_of=self.as_of,
        )
        return [
            {
                "name": one.name,
                "bucket": one.bucket,
                "checks": [
                    {"one": check, "look": f"log_{check.health}", "said": _SAID[check.health]}
                    for check in one.checks
                ],
            }
            for one in found
        ]

    def groups(self, lines: Sequence[LoggingLine]) -> list[dict[str, Any]]:
        """Return the accounts of one page, those of an OU together."""
        ids = [line.account_id for line in lines]
        details = logging_health(self.viewer, **self.asked, account_ids=ids)
        by_id = {one.account_id: one for one in details.accounts}
        found: list[dict[str, Any]] = []
        for line in lines:
            one = by_id.get(line.account_id)
            if one is None:
                continue
            if not found or found[-1]["unit_id"] != line.parent_id:
                found.append(
                    {
                        "unit_id": line.parent_id,
                        "name": self.unit_name(line.parent_id),
                        "href": self.target_href(line.parent_id),
                        "accounts": [],
                    }
                )
            found[-1]["accounts"].append(self.account_row(one))
        return found

    def account_row(self, one: AccountLogging) -> dict[str, Any]:
        """Return an account with its cells."""
        return {
            "account": one,
            "href": self.href("account-coverage", account_id=one.account_id) + self.as_of_query,
            "cells": [
                {"label": LOG_SERVICE_LABELS[service], **_cell(one.services[service])}
                for service in LogService
            ],
        }

    def chips(self) -> Sequence[FilterChip]:
        """Return the filters."""
        query = self.request.GET
        return [
            choice_chip(
                query,
                "health",
                "State",
                [(one.value, LOG_HEALTH_LABELS[one]) for one in LogServiceHealth],
            ),
            choice_chip(
                query,
                "service",
                "Service",
                [(one.value, LOG_SERVICE_LABELS[one]) for one in LogService],
            ),
        ]

    def export(self, kind: str) -> HttpResponseBase:
        """Send every account that the filters leave."""
        return export_response(
            kind,
            name=f"{self.connection.slug}-logging",
            header=_EXPORT_HEADS,
            rows=(
                [line.account_id, line.name, line.parent_id, *map(str, line.healths)]
                for line in self.found()
            ),
        )


def _cell(service: ServiceHealth) -> dict[str, Any]:
    """Return how a cell looks and why: the worst first, each with its regions."""
    worst = service.regions[0]
    look = f"log_{worst.health}"
    if worst.health is LogServiceHealth.UNKNOWN:
        look = _UNREAD_LOOKS.get(worst.reading, look)
    total = sum(len(one.regions) for one in service.regions)
    bad = [one for one in service.regions if one.health is not LogServiceHealth.GOOD]
    return {
        "look": look,
        "reasons": [_reason(one, total) for one in bad[:_REASONS]],
        "more": max(0, len(bad) - _REASONS),
        "regions": ", ".join(worst.regions),
    }


def _reason(one: RegionHealth, total: int) -> str:
    # What AWS says of who asked stands on the account's coverage page.
    words = one.words.partition(": User: ")[0]
    count = len(one.regions)
    if count == total:
        return words
    where = one.regions[0] if count == 1 else f"{count} of {total} regions"
    return f"{where}: {words}"
