"""The controls that Control Tower enforces, with the Control Catalog's data."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from django.http import HttpResponseBase

from governance.access import rights
from governance.baseline.landing_zone.tower_facts import (
    CONTROL_BEHAVIORS,
    CONTROL_SEVERITIES,
    CONTROL_STATUSES,
    TOWER_DRIFT_LABELS,
    ControlTowerState,
    EnabledControl,
    TowerDrift,
)
from governance.web.landing_zone.frame import LandingZoneScreen
from governance.web.parts.exports import Exporting, export_response
from governance.web.parts.filters import FilterChip, address, choice_chip
from inventory.selectors.service_configurations import ReadingState
from inventory.service_facts import CATALOG_CONTROL, ENABLED_CONTROL

_NOT_KNOWN: Final = "unknown"
_FRAMEWORKS_SHOWN: Final = 3
_EXPORT_HEADS: Final = (
    *("control", "title", "target_id", "target_name", "severity", "behavior", "drift", "status"),
    *("frameworks", "parameters"),
)
_FILTERS: Final[dict[str, Callable[[EnabledControl], set[str]]]] = {
    "drift": lambda one: {one.drift.value},
    "severity": lambda one: {one.severity or _NOT_KNOWN},
    "behavior": lambda one: {one.behavior or _NOT_KNOWN},
    "status": lambda one: {one.status},
    "framework": lambda one: {name for name, _ in one.frameworks},
    "target": lambda one: {one.target_id},
}


class LandingZoneControlsPage(Exporting, LandingZoneScreen):
    """Enabled controls, filtered and paged."""

    required_right = rights.VIEW_LANDING_ZONE
    template_name = "governance/landing_zone/controls.html"
    shows_tables = ("ServiceConfiguration",)
    tab = "controls"

    def found(self) -> list[EnabledControl]:
        """Return the controls that the filters leave, the worst first."""
        query = self.request.GET
        words = query.get("q", "").strip().lower()
        left = [
            one
            for one in self.tower.controls
            if all(
                _FILTERS[name](one) & set(query.getlist(name))
                for name in _FILTERS
                if any(query.getlist(name))
            )
            and (
                not words
                or any(
                    words in text.lower()
                    for text in (one.identifier, one.title, one.target_name, one.target_id)
                )
            )
        ]
        return sorted(left, key=_worst_first)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a page of controls, and why there are none or not all."""
        query = self.request.GET
        tower = self.tower
        found = self.found()
        paged = self.paged(found)
        paged["rows"].object_list = [self.row(one) for one in paged["rows"].object_list]
        reading = tower.reading(ENABLED_CONTROL)
        catalogue = tower.reading(CATALOG_CONTROL)
        return super().get_context_data(
            tower=tower,
            is_set_up=tower.state is ControlTowerState.SET_UP,
            is_unknown=tower.state in {ControlTowerState.UNKNOWN, ControlTowerState.ELSEWHERE},
            is_known=reading.was_complete,
            reading=reading,
            is_denied=reading.state is ReadingState.DENIED,
            catalogue_problem="" if catalogue.was_complete else catalogue.message or "not read",
            chips=self.chips(),
            row_noun="control,controls",
            csv_href=address(query, format="csv"),
            json_href=address(query, format="json"),
            **paged,
            **kwargs,
        )

    def row(self, one: EnabledControl) -> dict[str, Any]:
        """Return a control as the table shows it."""
        parts = (("Inherited", one.inheritance_drift), ("Resource", one.resource_drift))
        return {
            "control": one,
            "drift_look": f"tower_{one.drift}",
            "parts": [
                f"{label}: {TOWER_DRIFT_LABELS[drift].lower()}"
                for label, drift in parts
                if drift is not None and drift is not one.drift
            ],
            "severity": one.severity.lower() if one.severity in CONTROL_SEVERITIES else "",
            "frameworks": one.frameworks[:_FRAMEWORKS_SHOWN],
            "more_frameworks": max(0, len(one.frameworks) - _FRAMEWORKS_SHOWN),
            "target_href": self.target_href(one.target_id) if one.target_name else "",
            "parameters": [(name, _said(value)) for name, value in (one.parameters or {}).items()],
        }

    def chips(self) -> Sequence[FilterChip]:
        """Return the filters."""
        query = self.request.GET
        names = sorted({name for one in self.tower.controls for name, _ in one.frameworks})
        unknown = (_NOT_KNOWN, "Not known")
        drifts = [(one.value, TOWER_DRIFT_LABELS[one]) for one in TowerDrift]
        return [
            choice_chip(query, "drift", "Drift", drifts),
            choice_chip(query, "severity", "Severity", [*_named(CONTROL_SEVERITIES), unknown]),
            choice_chip(query, "behavior", "Behavior", [*_named(CONTROL_BEHAVIORS), unknown]),
            choice_chip(query, "status", "Status", _named(CONTROL_STATUSES)),
            choice_chip(query, "framework", "Framework", [(name, name) for name in names]),
        ]

    def export(self, kind: str) -> HttpResponseBase:
        """Send every control that the filters leave."""
        return export_response(
            kind,
            name=f"{self.connection.slug}-enabled-controls",
            header=_EXPORT_HEADS,
            rows=(
                [
                    *(one.identifier, one.title, one.target_id, one.target_name),
                    *(one.severity or _NOT_KNOWN, one.behavior or _NOT_KNOWN),
                    *(one.drift.value, one.status),
                    [f"{name} {item}" for name, item in one.frameworks],
                    None if one.parameters is None else dict(one.parameters),
                ]
                for one in self.found()
            ),
        )


def _named(values: Sequence[str]) -> list[tuple[str, str]]:
    return [(value, value.replace("_", " ").capitalize()) for value in values]


def _said(value: Any) -> str:
    """Return a parameter's value in words: a list as a list, what is nested as JSON."""
    if isinstance(value, list):
        return ", ".join(_said(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _worst_first(one: EnabledControl) -> tuple[bool, int, str, str]:
    drifted = one.drift is TowerDrift.DRIFTED
    return not drifted, one.severity_rank, one.identifier, one.target_name
