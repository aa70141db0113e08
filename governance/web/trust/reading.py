"""What the tabs of the Trust screen read: edges and findings at the time looked at, and counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from django.db.models import Q, QuerySet

from governance.posture.trust.models import TrustEdge, TrustFinding
from governance.posture.trust.selectors import crossing_counts, trust_edges, trust_findings
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
    return edge.crossing == Crossing.ACCOUNT or (
        edge.crossing == Crossing.SERVICE and edge.source == TrustEdge.Source.TRUST_POLICY
    )


@dataclass(frozen=True, slots=True)
class TrustTotals:
    """Counts of all edges that somebody may see. `within`: those that cross no account boundary."""

    crossing: int
    outside: int
    blocked: int
    within: int
    by_crossing: Mapping[str, int]


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

    @cached_property
    def totals(self) -> TrustTotals:
        """Count all edges."""
        crossing = crossing_counts(self.edges.exclude(WITHIN))
        return TrustTotals(
            crossing=sum(one.edges for one in crossing),
            outside=sum(one.edges for one in crossing if one.crossing in OUTSIDE),
            blocked=sum(one.blocked for one in crossing),
            within=self.edges.filter(WITHIN).order_by().count(),
            by_crossing={one.crossing: one.edges for one in crossing},
        )


def totals_line(totals: TrustTotals, without_contract: int | None) -> str:
    """Say the counts in one line under the title."""
    edges = "1 edge crosses" if totals.crossing == 1 else f"{totals.crossing:,} edges cross"
    outside = "1 comes" if totals.outside == 1 else f"{totals.outside:,} come"
    parts = [
        f"{edges} an account boundary",
        f"{outside} from outside",
        f"{totals.blocked:,} blocked",
    ]
    if without_contract is not None:
        parts.append(f"{without_contract:,} without a contract")
    return " · ".join(parts)
