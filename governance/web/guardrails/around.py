"""Guardrails and drift of an account or OU, as a part of its page."""

from typing import Any, Final

from governance.access import rights
from governance.baseline.guardrails.outcome_counts import WORST_FIRST
from governance.baseline.guardrails.places import outcomes_at
from governance.drift.selectors import drift_reading
from governance.inbox.open_drift import open_drift
from governance.web.guardrails.frame import GuardrailScreen

_DRIFT_SHOWN: Final = 3


class GuardrailsAround(GuardrailScreen):
    """What is found of guardrails in a place, and open drift there; read after its page.

    The address has `target_id`: an account, an OU or the root.
    """

    required_right = rights.VIEW_GUARDRAILS
    template_name = "governance/guardrails/around.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add counts by outcome, what fails, and drift, which is known as of now alone."""
        target_id = self.request.GET.get("target_id", "").replace("\0", "")
        found = outcomes_at(
            self.viewer, connection=self.connection, target_id=target_id, as_of=self.as_of
        )
        may_see_drift = self.may(rights.VIEW_DRIFT, None) and self.may(rights.VIEW_FINDINGS, None)
        shows_drift = may_see_drift and self.as_of is None
        reading = drift_reading(self.connection) if shows_drift else None
        return super().get_context_data(
            target_id=target_id,
            outcomes=found,
            by_outcome=[
                (name, getattr(found.counts, name))
                for name in WORST_FIRST
                if getattr(found.counts, name)
            ],
            failing=[
                {
                    "one": one,
                    "others": one.fails - 1,
                    "href": self.href("guardrail", guardrail_id=one.guardrail.id),
                    "cell_href": self.href(
                        "guardrail-cell",
                        guardrail_id=one.guardrail.id,
                        account_id=one.result.account_id,
                    )
                    + self.as_of_query,
                }
                for one in found.failing
            ],
            more=found.total - len(found.failing),
            as_of_query=self.as_of_query,
            is_account=target_id.isdecimal(),
            shows_drift=shows_drift,
            drift_read_at=reading.read_at if reading else None,
            drift=open_drift(
                self.viewer,
                connection=self.connection,
                now=self.now,
                within=target_id,
                shown=_DRIFT_SHOWN,
            )
            if reading
            else None,
            **kwargs,
        )
