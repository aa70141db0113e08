"""The Crossings tab: every edge that crosses an account boundary, grouped, with one in a panel."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from governance.filtering.scope import FilterScope
from governance.filtering.trust import TrustEdgeFilters
from governance.posture.trust.models import TrustEdge
from governance.posture.trust.selectors import (
    crossing_counts,
    edges_since,
    last_reading,
    last_run_moment,
)
from governance.web.parts.exports import Exporting, export_response
from governance.web.parts.filters import FilterChip, FilterChoice, address, checked, filter_chips
from governance.web.trust.frame import TrustPage
from governance.web.trust.groups import (
    SHOWN_MORE,
    CrossingGroup,
    ShownEdge,
    crossing_groups,
    group_counts,
    shown_edges,
    worst_first,
)
from governance.web.trust.panel import edge_panel
from governance.web.trust.reading import TrustReadings, TrustTotals, totals_line

Crossing = TrustEdge.Crossing

# The filters that the toolbar offers; others show once the address uses them.
_OFFERED: Final = ("guard", "state")
_ONLY_IN_ADDRESS: Final = ("q", "crossing", "comes_from", "to")
_SINCE_SHOWN: Final = 5
_EXPORT_CHUNK: Final = 500
HEADER: Final = (
    *("key", "crossing", "state", "severity", "principal_kind", "principal", "provider", "tenant"),
    *("vendor", "principal_account_id", "account_id", "resource_arn", "source", "through", "sid"),
    *("statement", "actions", "guards", "blocked_by", "undecided", "witness", "seen_from"),
)
"""The columns of an exported file."""


class TrustTablePage(Exporting, TrustPage):
    """A tab whose edges can be filtered by the address and had as a file.

    `without`: the crossings that it leaves out unless the address names one.
    """

    without: tuple[str, ...] = ()

    @cached_property
    def readings(self) -> TrustReadings:
        """Edges and findings at the time looked at."""
        return TrustReadings(self)

    @cached_property
    def totals(self) -> TrustTotals:
        """Counts of all edges."""
        return self.readings.totals

    @cached_property
    def filters(self) -> TrustEdgeFilters:
        """Return the filters, bound to the address.

        :raises BadRequest: a value in the address is none that the filter knows.
        """
        scope = FilterScope(self.viewer, self.connection, self.as_of, self.now)
        return checked(
            TrustEdgeFilters(self.request.GET, queryset=self.readings.edges, scope=scope)
        )

    @property
    def crosses_any(self) -> bool:
        """Whether edges that cross no account boundary are shown as well.

        :raises BadRequest: the address says neither.
        """
        wanted = self.request.GET.get("crosses", "")
        if wanted not in ("", "any"):
            raise BadRequest(f"crosses is {wanted!r}; it can be any.")
        return bool(wanted or self.request.GET.get("crossing"))

    @cached_property
    def filtered(self) -> "QuerySet[TrustEdge]":
        """The edges that the address asks for."""
        rows: QuerySet[TrustEdge] = self.filters.qs
        return rows if self.crosses_any else rows.exclude(crossing__in=self.without)

    def tab_counts(self) -> dict[str, int]:
        """Return the counts that the tabs show."""
        return {"crossings": self.totals.crossing, "within": self.totals.within}

    def export(self, kind: str) -> HttpResponseBase:
        """Send every filtered edge with its worst finding."""
        return export_response(
            kind,
            name=f"{self.connection.slug}-trust-edges",
            header=HEADER,
            rows=self._exported(self.filtered.order_by("crossing_rank", "account_id", "pk")),
        )

    def _exported(self, rows: "QuerySet[TrustEdge]") -> Iterator[list[Any]]:
        chunk: list[TrustEdge] = []
        for edge in rows.iterator(chunk_size=_EXPORT_CHUNK):
            chunk.append(edge)
            if len(chunk) == _EXPORT_CHUNK:
                yield from self._exported_chunk(chunk)
                chunk = []
        yield from self._exported_chunk(chunk)

    def _exported_chunk(self, edges: Sequence[TrustEdge]) -> Iterator[list[Any]]:
        for row in shown_edges(edges, findings=self.readings.findings):
            edge = row.edge
            yield [
                *(edge.key, edge.crossing, edge.state, row.severity),
                *(edge.principal_kind, edge.principal_id, edge.provider, edge.tenant),
                *(edge.vendor, edge.principal_account_id, edge.account_id, edge.resource_arn),
                *(edge.source, edge.through, edge.sid, edge.statement, edge.actions, edge.guards),
                *(edge.blocked_by, edge.undecided, edge.witness, edge.seen_from),
            ]

    def chips(self, counted: int) -> list[FilterChip]:
        """Return the filters as chips."""
        query = self.request.GET
        every = filter_chips(self.filters, query, leave_out=_ONLY_IN_ADDRESS)
        return [chip for chip in every if chip.said or chip.name in _OFFERED]


class CrossingsPage(TrustTablePage):
    """The table by crossing, the picture of crossings, and what is new and gone."""

    tab = "crossings"
    template_name = "governance/trust/crossings.html"
    without = (Crossing.ACCOUNT,)
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
            raise BadRequest("group names no crossing, or start is no number of a row.")
        rows = self.filtered.filter(crossing=crossing)
        first = int(start)
        found = worst_first(rows, self.readings.findings, start=first, most=SHOWN_MORE + 1)
        shown = found[:SHOWN_MORE]
        after = first + len(shown)
        more = max(0, rows.count() - after) if len(found) > SHOWN_MORE else 0
        return {
            "rows": shown_edges(shown, findings=self.readings.findings),
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
        counts = crossing_counts(self.filtered)
        counted = sum(one.edges for one in counts)
        chips = self.chips(counted)
        return super().get_context_data(
            trust_line=totals_line(self.totals, None),
            groups=self.groups(),
            rows={"counted": counted},
            row_noun="edge,edges",
            counted=counted,
            chips=[*chips, self.crosses_chip(counted)],
            searches=True,
            search_label="Account, role or vendor",
            is_filtered=bool(query.get("q")) or any(chip.said for chip in chips),
            without_filters=reverse("trust", kwargs={"slug": self.connection.slug})
            + self.as_of_query,
            csv_href=address(query, format="csv", edge=None),
            json_href=address(query, format="json", edge=None),
            selected=query.get("edge", ""),
            panel=self.panel(),
            trust_is_read=last_reading(self.connection) is not None,
            as_of_query=self.as_of_query,
            **self.since_last_run(),
            **self.run_links(),
            **kwargs,
        )

    def groups(self) -> list[tuple[CrossingGroup, list[ShownEdge]]]:
        """Return the groups, each with the rows that it shows first."""
        findings = self.readings.findings
        counts = group_counts(self.filtered, findings)
        found = crossing_groups(self.filtered, findings, counts, query=self.request.GET)
        every = [edge for _, edges in found for edge in edges]
        shown = {row.edge.pk: row for row in shown_edges(every, findings=findings)}
        return [(group, [shown[edge.pk] for edge in edges]) for group, edges in found]

    def crosses_chip(self, counted: int) -> FilterChip:
        """Return the chip that leaves out what crosses no account boundary."""
        query = self.request.GET
        if self.crosses_any:
            choice = FilterChoice("Yes", address(query, crosses=None, crossing=None), chosen=False)
            return FilterChip("crosses", "Crosses an account", "", "", (choice,))
        return FilterChip(
            "crosses", "Crosses an account", f"{counted:,}", address(query, crosses="any"), ()
        )

    def panel(self) -> dict[str, Any] | None:
        """Return the edge that the address selects; None: none is, or it is gone."""
        key = self.request.GET.get("edge", "")
        return edge_panel(self, key) if key else None

    def since_last_run(self) -> dict[str, Any]:
        """Return the edges that began and ended with the last run."""
        moment = self.as_of or last_run_moment(self.connection)
        if moment is None:
            return {"since": None}
        found = edges_since(
            self.viewer, connection=self.connection, moment=moment, until=self.as_of
        )
        new = list(found.appeared.order_by("crossing_rank", "pk")[:_SINCE_SHOWN])
        gone = list(found.vanished.order_by("crossing_rank", "pk")[:_SINCE_SHOWN])
        findings = self.readings.findings
        new_count = found.appeared.order_by().count()
        gone_count = found.vanished.order_by().count()
        return {
            "since": {
                "new": shown_edges(new, findings=findings),
                "gone": shown_edges(gone, findings=findings),
                "words": f"{new_count:,} new, {gone_count:,} gone",
                "at": moment,
            }
        }
