"""The Crossings tab: every edge that crosses an account boundary, grouped, with one in a panel."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.posture.trust.models import TrustEdge
from governance.posture.trust.selectors import last_reading
from governance.web.parts.bulk import BulkButton
from governance.web.parts.filters import address
from governance.web.trust.contract_labels import covered_edges
from governance.web.trust.flows import flow_chart, trust_flows, trust_places
from governance.web.trust.groups import (
    SHOWN_MORE,
    CrossingGroup,
    ShownEdge,
    crossing_groups,
    of_crossing,
    shown_edges,
    worst_first,
)
from governance.web.trust.panel import edge_panel
from governance.web.trust.since import edges_since_last_run
from governance.web.trust.summary import CrossingSummary, filtered_edges
from governance.web.trust.table import TrustTablePage

Crossing = TrustEdge.Crossing

_SINCE_SHOWN: Final = 5


class CrossingsPage(TrustTablePage):
    """The table by crossing, the picture of crossings, and what is new and gone."""

    tab = "crossings"
    template_name = "governance/trust/crossings.html"
    has_charts = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page, more rows of a group, or send a file."""
        if "group" in request.GET:
            answer: HttpResponseBase = self.render_to_response(self.more_rows())
            return answer
        return super().get(request, *args, **kwargs)

    def get_template_names(self) -> list[str]:
        """Return the part that htmx asks for, else the whole page."""
        if "group" in self.request.GET:
            return ["governance/trust/more_rows.html"]
        htmx = getattr(self.request, "htmx", None)
        if htmx and not htmx.boosted and not htmx.history_restore_request:
            return ["governance/trust/crossings_partial.html"]
        return super().get_template_names()

    def more_rows(self) -> dict[str, Any]:
        """Return further rows of one group.

        :raises BadRequest: there is no such group, or `start` is no number.
        """
        query = self.request.GET
        crossing, start = query["group"], query.get("start", "0")
        if crossing not in Crossing.values or not start.isdecimal() or len(start) > 9:
            raise BadRequest("group names no crossing, or start is not a number of a row.")
        rows, findings = of_crossing(self.filtered, crossing), self.readings.findings
        first = int(start)
        worst = self.summary.worst.get(crossing, ())
        shown = worst_first(rows, worst, findings, start=first, most=SHOWN_MORE)
        after = first + len(shown)
        more = max(0, self.summary.edges.get(crossing, 0) - after)
        return {
            "rows": shown_edges(self, shown),
            "bulk_buttons": self.bulk_buttons(),
            "group": {
                "key": crossing,
                "more": more,
                "more_href": address(query, group=crossing, start=str(after)),
                "only_href": address(query, group=None, start=None, crossing=crossing),
            },
            "selected": query.get("edge", ""),
            "slug": self.connection.slug,
            "as_of_query": self.as_of_query,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add groups, filters, the selected edge, and what began and ended."""
        query = self.request.GET
        counted = self.summary.total
        chips = self.chips(counted)
        used = [chip for chip in chips if chip.said and chip.name != "crosses"]
        return super().get_context_data(
            trust_line=self.line,
            groups=self.groups(),
            rows={"counted": counted},
            bulk_buttons=self.bulk_buttons(),
            row_noun="edge,edges",
            counted=counted,
            chips=chips,
            searches=True,
            search_label="Account, role or vendor",
            is_filtered=bool(used or query.get("q")),
            picture_href=f"{reverse('trust-picture', kwargs={'slug': self.connection.slug})}"
            f"?{query.urlencode()}",
            without_filters=reverse("trust", kwargs={"slug": self.connection.slug})
            + self.as_of_query,
            csv_href=address(query, format="csv", edge=None),
            json_href=address(query, format="json", edge=None),
            selected=query.get("edge", ""),
            panel=self.panel(),
            trust_is_read=last_reading(self.connection) is not None,
            as_of_query=self.as_of_query,
            since=edges_since_last_run(self, shown=_SINCE_SHOWN),
            **self.run_links(),
            **kwargs,
        )

    def bulk_buttons(self) -> Sequence[BulkButton]:
        """Return what can be done to many edges."""
        if self.as_of is not None or not self.may(rights.DECLARE_CONTRACT, None):
            return []
        return [BulkButton("Adopt as contracts", "file-import", self.href("contracts-adopt"))]

    @cached_property
    def summary(self) -> CrossingSummary:
        """Counts of the edges that the address asks for."""
        return filtered_edges(self, self.filtered, self.request.GET, with_within=self.crosses_any)

    def groups(self) -> list[tuple[CrossingGroup, list[ShownEdge]]]:
        """Return the groups, each with the rows that it shows first."""
        found = crossing_groups(
            self.filtered, self.readings.findings, self.summary, query=self.request.GET
        )
        every = [edge for _, edges in found for edge in edges]
        shown = {row.edge.pk: row for row in shown_edges(self, every)}
        return [(group, [shown[edge.pk] for edge in edges]) for group, edges in found]

    def panel(self) -> dict[str, Any] | None:
        """Return the edge that the address selects; None: none is, or it is gone."""
        key = self.request.GET.get("edge", "")
        return edge_panel(self, key) if key else None


class CrossingsPicture(TrustTablePage):
    """The picture of crossings, read after the table."""

    tab = "crossings"
    template_name = "governance/trust/flow_picture.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the picture."""
        flows = trust_flows(
            self.filtered,
            trust_places(self, self.filtered),
            covered=covered_edges(self, self.filtered),
        )
        return super().get_context_data(
            chart=flow_chart(flows, self.request.GET),
            counted=sum(flow.edges for flow in flows),
            **kwargs,
        )
