"""The card of Posture about access from outside, with what is new and gone."""

from typing import Any, Final

from governance.access import rights
from governance.posture.trust.selectors import last_reading
from governance.web.parts.pages import ConnectionPage
from governance.web.trust.contract_labels import count_without_contract
from governance.web.trust.since import edges_since_last_run
from governance.web.trust.summary import all_edges, usable

_SHOWN: Final = 3


class TrustOnPosture(ConnectionPage):
    """The card, read after the page."""

    required_right = rights.VIEW_TRUST
    template_name = "governance/trust/posture_card.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the counts and the worst of what is new and gone."""
        totals = all_edges(self)
        return super().get_context_data(
            totals=totals,
            without_contract=count_without_contract(self, usable(totals)),
            since=edges_since_last_run(self, shown=_SHOWN),
            trust_is_read=last_reading(self.connection) is not None,
            **kwargs,
        )
