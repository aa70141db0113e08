"""/controls: what Control Tower enforces where, with the Control Catalog's data."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.landing_zone_representations import EnabledControlRepresentation
from governance.api.parts.memory_lists import MemoryListEndpoint, chosen
from governance.baseline.landing_zone.control_tower import control_tower_status
from governance.baseline.landing_zone.tower_facts import (
    CONTROL_BEHAVIORS,
    CONTROL_SEVERITIES,
    CONTROL_STATUSES,
    ControlTowerState,
    ControlTowerStatus,
    EnabledControl,
    TowerDrift,
)
from inventory.service_facts import ENABLED_CONTROL


def _same(values: Sequence[str]) -> dict[str, str]:
    return {value: value for value in values}


class ControlList(MemoryListEndpoint):
    """The controls that Control Tower enforces."""

    topic = "Landing zone"
    rights = {"GET": rights.VIEW_LANDING_ZONE}
    representation = EnabledControlRepresentation
    shows_tables = ("ServiceConfiguration",)
    collectors = (ENABLED_CONTROL.collector,)
    own_parameters = (
        OpenApiParameter("drift", OpenApiTypes.STR, many=True, enum=list(TowerDrift)),
        OpenApiParameter("status", OpenApiTypes.STR, many=True, enum=list(CONTROL_STATUSES)),
        OpenApiParameter("behavior", OpenApiTypes.STR, many=True, enum=list(CONTROL_BEHAVIORS)),
        OpenApiParameter("severity", OpenApiTypes.STR, many=True, enum=list(CONTROL_SEVERITIES)),
        OpenApiParameter(
            "target_id", OpenApiTypes.STR, many=True, description="Enabled on one of these."
        ),
        OpenApiParameter(
            "framework",
            OpenApiTypes.STR,
            many=True,
            description="Serving one of these, such as NIST-SP-800-53-r5.",
        ),
    )
    sort_keys = {
        "control": lambda one: [one.identifier, one.target_name, one.arn],
        "target": lambda one: [one.target_name, one.identifier, one.arn],
        "severity": lambda one: [one.severity_rank, one.identifier, one.arn],
    }
    usual_ordering = "control"

    @cached_property
    def tower(self) -> ControlTowerStatus:
        """Control Tower at the time looked at."""
        return control_tower_status(
            self.viewer, connection=self.connection, now=self.now, as_of=self.as_of
        )

    def found(self) -> Sequence[EnabledControl]:
        """Return the controls that the filters leave."""
        drifts = chosen(self.request, "drift", {one.value: one for one in TowerDrift})
        statuses = chosen(self.request, "status", _same(CONTROL_STATUSES))
        behaviors = chosen(self.request, "behavior", _same(CONTROL_BEHAVIORS))
        severities = chosen(self.request, "severity", _same(CONTROL_SEVERITIES))
        targets = self.request.query_params.getlist("target_id")
        frameworks = set(self.request.query_params.getlist("framework"))
        return [
            control
            for control in self.tower.controls
            if (not drifts or control.drift in drifts)
            and (not statuses or control.status in statuses)
            and (not behaviors or control.behavior in behaviors)
            and (not severities or control.severity in severities)
            and (not targets or control.target_id in targets)
            and (not frameworks or frameworks & {name for name, _ in control.frameworks})
        ]

    def was_read(self) -> bool:
        """Whether it is known which controls are enabled."""
        return self.tower.state in {ControlTowerState.SET_UP, ControlTowerState.NOT_SET_UP}

    def members(self) -> Mapping[str, Any]:
        """Return whether there is a landing zone, and why that is not known."""
        return {"control_tower": self.tower.state, "because": self.tower.because}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the controls that Control Tower enforces, with severity, behaviour and frameworks.

        `results` is null where it is not known which are enabled; `because` then says why.
        """
        return self.respond()
