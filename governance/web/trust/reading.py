"""What the tabs of the Trust screen read: edges and findings at the time looked at."""

from typing import TYPE_CHECKING, Final

from django.db.models import Q, QuerySet

from governance.posture.trust.models import TrustEdge, TrustFinding
from governance.posture.trust.selectors import trust_edges, trust_findings
from inventory.viewing import visible

if TYPE_CHECKING:
    from governance.web.parts.pages import ConnectionPage

Crossing = TrustEdge.Crossing

# A role that trusts an AWS service is passed to it in its own account only, so nothing is crossed.
WITHIN: Final = Q(crossing=Crossing.ACCOUNT) | Q(
    crossing=Crossing.SERVICE, source=TrustEdge.Source.TRUST_POLICY
)
OUTSIDE: Final = (Crossing.PUBLIC, Crossing.EXTERNAL, Crossing.VENDOR, Crossing.FEDERATED)


def is_within(edge: TrustEdge) -> bool:
    """Whether an edge crosses no account boundary, as `WITHIN` has it."""
    return is_within_kind(edge.crossing, edge.source)


def is_within_kind(crossing: str, source: str) -> bool:
    """Whether edges of a crossing, let in by a source, cross no account boundary."""
    return crossing == Crossing.ACCOUNT or (
        crossing == Crossing.SERVICE and source == TrustEdge.Source.TRUST_POLICY
    )


class TrustReadings:
    """The edges and findings of one page."""

    def __init__(self, page: "ConnectionPage") -> None:
        self._page = page

    @property
    def edges(self) -> "QuerySet[TrustEdge]":
        """Every edge."""
        page = self._page
        return trust_edges(page.viewer, connection=page.connection, as_of=page.as_of)

    @property
    def ever(self) -> "QuerySet[TrustEdge]":
        """Every version of every edge."""
        page = self._page
        rows: QuerySet[TrustEdge] = visible(TrustEdge.objects.all(), page.viewer)
        return rows.filter(connection=page.connection)

    @property
    def findings(self) -> "QuerySet[TrustFinding]":
        """Every finding, without what only a list of findings shows."""
        page = self._page
        return trust_findings(page.viewer, connection=page.connection, as_of=page.as_of)
