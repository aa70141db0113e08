"""Who limits what: root, OUs and accounts with the controls and policies put on them."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

from governance.access import rights
from governance.baseline.landing_zone.enforcement import (
    ENFORCER_LABELS,
    EnforcedTargetKind,
    Enforcer,
    LandingZoneEnforcement,
    TargetEnforcement,
    landing_zone_enforcement,
)
from governance.web.landing_zone.frame import LandingZoneScreen
from governance.web.parts.filters import FilterChip, choice_chip

_ICONS: Final = {
    EnforcedTargetKind.ROOT: "building",
    EnforcedTargetKind.ORGANIZATIONAL_UNIT: "folder",
    EnforcedTargetKind.ACCOUNT: "box",
}


class LandingZoneEnforcementPage(LandingZoneScreen):
    """Every target with who limits it, filtered and paged."""

    required_right = rights.VIEW_LANDING_ZONE
    template_name = "governance/landing_zone/enforcement.html"
    tab = "enforcement"

    @cached_property
    def enforcement(self) -> LandingZoneEnforcement:
        """Who enforces what."""
        return landing_zone_enforcement(self.viewer, **self.asked, status=self.tower)

    def found(self) -> list[TargetEnforcement]:
        """Return the targets that the filters leave, parents before children."""
        query = self.request.GET
        wanted = set(query.getlist("enforcer")) - {""}
        words = query.get("q", "").strip().lower()
        return [
            one
            for one in self.enforcement.targets
            if (not wanted or one.enforcer.value in wanted)
            and (not words or words in self.named(one).lower() or words in one.target_id)
        ]

    def named(self, one: TargetEnforcement) -> str:
        """Return a target's name; of an OU with those above it, as OUs are often named alike."""
        is_unit = one.kind is EnforcedTargetKind.ORGANIZATIONAL_UNIT
        return self.unit_name(one.target_id) if is_unit else one.name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a page of targets and the counts of accounts."""
        paged = self.paged(self.found())
        paged["rows"].object_list = [
            {
                "target": one,
                "name": self.named(one),
                "icon": _ICONS[one.kind],
                "href": self.target_href(one.target_id),
                "look": f"enforced_{one.enforcer}",
            }
            for one in paged["rows"].object_list
        ]
        return super().get_context_data(
            enforcers=[
                (f"enforced_{one}", ENFORCER_LABELS[one], self.enforcement.accounts[one])
                for one in Enforcer
            ],
            tower=self.tower,
            is_collected=bool(self.enforcement.targets),
            chips=self.chips(),
            row_noun="target,targets",
            **paged,
            **kwargs,
        )

    def chips(self) -> Sequence[FilterChip]:
        """Return the filters."""
        return [
            choice_chip(
                self.request.GET,
                "enforcer",
                "Enforced by",
                [(one.value, ENFORCER_LABELS[one]) for one in Enforcer],
            )
        ]
