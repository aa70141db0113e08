"""The Explorer tab: the graph of trust, opened OU by OU and account by account."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q
from django.urls import reverse

from governance.posture.trust.selectors import last_reading
from governance.presentation.security_headers import HEADER, POLICY_WITH_CHARTS
from governance.web.parts.filters import address
from governance.web.trust.graph import (
    MOST_EDGES,
    DrawnGraph,
    GraphEdge,
    GraphNode,
    first_opened,
    trust_graph,
)
from governance.web.trust.groups import BAD, with_findings
from governance.web.trust.table import TrustTablePage
from inventory.selectors.hierarchy import accounts

# In the address: nothing is open, not even what is at first.
_NONE: Final = "none"
_MOST_OPEN: Final = 60
# How many rows the table has at first, and how many more on demand.
_TABLE_ROWS: Final = 500
_ICONS: Final = {
    "outside": "world",
    "unit": "folder",
    "account": "box",
    "more": "box",
    "role": "key",
    "resource": "database",
}


@dataclass(frozen=True, slots=True)
class GraphRow:
    """An edge of the graph as a row of its table."""

    source: GraphNode
    target: GraphNode
    source_href: str
    target_href: str
    source_icon: str
    target_icon: str
    edge: GraphEdge
    look: str
    edge_href: str


class ExplorerReading(TrustTablePage):
    """What the page and the part of it that is drawn again share."""

    tab = "explorer"

    def opened(self) -> frozenset[str]:
        """Return the ids of OUs and accounts that are open."""
        wanted = [value for value in self.request.GET.getlist("open") if value][:_MOST_OPEN]
        if not wanted:
            return first_opened(self.tree)
        return frozenset(wanted) - {_NONE}

    def graph(self) -> DrawnGraph:
        """Return what is drawn."""
        rows = accounts(self.viewer, connection=self.connection, as_of=self.as_of)
        found = list(rows.values_list("account_id", "name", "parent_id"))
        findings = with_findings(self.readings.findings.filter(BAD))
        return trust_graph(
            self.filtered,
            self.filtered.filter(Q(key__in=findings)),
            tree=self.tree,
            parents={account_id: parent for account_id, _, parent in found},
            names={account_id: name for account_id, name, _ in found},
            opened=self.opened(),
        )

    def toggled(self, key: str) -> str:
        """Return the address with a box opened or closed."""
        opened = self.opened()
        wanted = sorted(opened - {key} if key in opened else opened | {key}) or [_NONE]
        changed = self.request.GET.copy()
        changed.setlist("open", wanted)
        return f"?{changed.urlencode()}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the graph and its table."""
        graph = self.graph()
        toggles = {node.key: self.toggled(node.key) for node in graph.nodes if node.opens}
        shown = self.rows_shown()
        return super().get_context_data(
            graph=graph,
            graph_data=self.data(graph, toggles),
            graph_rows=self.rows(graph, toggles, shown),
            rows_left=len(graph.edges) - shown if shown < len(graph.edges) else 0,
            rows_step=min(_TABLE_ROWS, len(graph.edges) - shown),
            more_rows_href=address(self.request.GET, rows=str(shown + _TABLE_ROWS)),
            collapse_href=address(self.request.GET, open=_NONE),
            trust_is_read=last_reading(self.connection) is not None,
            **kwargs,
        )

    def data(self, graph: DrawnGraph, toggles: dict[str, str]) -> dict[str, Any]:
        """Return the graph as the script draws it."""
        return {
            "nodes": [
                {
                    "id": node.key,
                    "label": node.label,
                    "detail": node.detail,
                    "kind": node.kind,
                    "parent": node.parent or None,
                    "x": node.x,
                    "y": node.y,
                    "edges": node.edges,
                    "toggle": toggles.get(node.key, ""),
                    "open": node.is_open,
                }
                for node in graph.nodes
            ],
            "edges": [
                {
                    "source": edge.source,
                    "target": edge.target,
                    "count": edge.count,
                    "state": edge.state,
                    "findings": edge.findings,
                    "href": self.edge_href(edge),
                }
                for edge in graph.edges
                if edge.source != edge.target
            ],
        }

    def edge_href(self, edge: GraphEdge) -> str:
        """Return the page of a single edge, empty for several."""
        if not edge.edge_key:
            return ""
        named = {"slug": self.connection.slug, "edge_key": edge.edge_key}
        return reverse("trust-edge", kwargs=named) + self.as_of_query

    def rows_shown(self) -> int:
        """Return how many rows of the table are asked for."""
        asked = self.request.GET.get("rows", "")
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
        return min(max(number, _TABLE_ROWS), MOST_EDGES)

    def rows(self, graph: DrawnGraph, toggles: dict[str, str], shown: int) -> Sequence[GraphRow]:
        """Return the table's first rows, those with findings first."""
        nodes = {node.key: node for node in graph.nodes}
        return [
            GraphRow(
                source=nodes[edge.source],
                target=nodes[edge.target],
                source_href=toggles.get(edge.source, ""),
                target_href=toggles.get(edge.target, ""),
                source_icon=_ICONS[nodes[edge.source].kind],
                target_icon=_ICONS[nodes[edge.target].kind],
                edge=edge,
                look="trust_open_bad"
                if edge.findings and edge.state == "open"
                else f"trust_{edge.state}",
                edge_href=self.edge_href(edge),
            )
            for edge in graph.edges[:shown]
        ]


class ExplorerGraph(ExplorerReading):
    """The graph alone, read when somebody opens or closes a box."""

    template_name = "governance/trust/graph.html"


class ExplorerPage(ExplorerReading):
    """The whole tab."""

    template_name = "governance/trust/explorer.html"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        """Render, with leave for the one rule of style that cytoscape writes into the page."""
        response = super().render_to_response(context, **kwargs)
        response.headers[HEADER] = POLICY_WITH_CHARTS
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filters."""
        context = super().get_context_data(**self.run_links(), **kwargs)
        return context | {
            "trust_line": self.line,
            "chips": self.chips(context["graph"].total),
            "searches": True,
            "search_label": "Account, role or vendor",
            "graph_href": reverse("trust-explorer-graph", kwargs={"slug": self.connection.slug}),
        }
