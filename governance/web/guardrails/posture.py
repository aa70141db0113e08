"""The card of Posture with failing guardrails by OU, and what got better and worse."""

from typing import Any, Final

from governance.access import rights
from governance.baseline.guardrails.failures import UnitFailures, failures_by_unit
from governance.web.parts.pages import ConnectionPage
from inventory.viewing import sees_whole

_UNITS_SHOWN: Final = 8
_CHANGES_SHOWN: Final = 3
_DAYS: Final = 30


class GuardrailsOnPosture(ConnectionPage):
    """Failing guardrails by OU; read after the page."""

    required_right = rights.VIEW_GUARDRAILS
    template_name = "governance/guardrails/posture_card.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the OUs, the worst first, and the guardrails that changed most."""
        found = failures_by_unit(self.viewer, connection=self.connection, now=self.now, days=_DAYS)
        return super().get_context_data(
            summary=found,
            units=[_shown(one) for one in found.units[:_UNITS_SHOWN]],
            most=found.units[0].counts.fails if found.units else 0,
            more_units=max(len(found.units) - _UNITS_SHOWN, 0),
            worse=found.worse[:_CHANGES_SHOWN],
            better=found.better[:_CHANGES_SHOWN],
            days=_DAYS,
            sees_all=sees_whole(self.viewer, self.connection),
            **kwargs,
        )


def _shown(unit: UnitFailures) -> dict[str, Any]:
    change = unit.change
    words = ["Not known"]
    if change is not None:
        words = [f"+{change.worse:,} worse"] if change.worse else []
        words += [f"\N{MINUS SIGN}{change.better:,} better"] if change.better else []
        words += [f"{change.set_aside:,} excepted or not known"] if change.set_aside else []
    tone = ""
    if change is not None and (change.worse or change.better):
        tone = "bad" if change.worse else "ok"
    return {"one": unit, "change_words": ", ".join(words) or "no change", "tone": tone}
