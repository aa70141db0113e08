"""What tabs with a table of edges share: filters in the address, chips, files."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpResponseBase

from governance.filtering.scope import FilterScope
from governance.filtering.trust import TrustEdgeFilters
from governance.posture.trust.models import TrustEdge
from governance.web.parts.exports import Exporting, export_response
from governance.web.parts.filters import (
    FilterChip,
    FilterChoice,
    address,
    checked,
    choice_chip,
    filter_chips,
)
from governance.web.trust.frame import TrustPage
from governance.web.trust.groups import shown_edges
from governance.web.trust.reading import WITHIN, TrustReadings
from governance.web.trust.summary import CrossingSummary, all_edges, line_of
from inventory.selectors.hierarchy import Tree, TreeNode, accounts
from inventory.selectors.trees import unit_tree

Crossing = TrustEdge.Crossing

# The filters that the toolbar offers; others show once the address uses them.
_OFFERED: Final = ("guard", "state")
_APART: Final = ("q", "crossing", "comes_from", "to")
_MOST_PLACES: Final = 30
_EXPORT_CHUNK: Final = 500
HEADER: Final = (
    *("key", "crossing", "state", "severity", "principal_kind", "principal", "provider", "tenant"),
    *("vendor", "principal_account_id", "account_id", "resource_arn", "contract", "source"),
    *("through", "sid", "statement", "actions", "guards", "blocked_by", "undecided"),
    *("witness", "seen_from"),
)
"""The columns of an exported file."""


class TrustTablePage(Exporting, TrustPage):
    """A tab whose edges can be filtered by the address and had as a file.

    What crosses no account boundary is left out unless the address asks for it.
    """

    @cached_property
    def readings(self) -> TrustReadings:
        """Edges and findings at the time looked at."""
        return TrustReadings(self)

    @cached_property
    def totals(self) -> CrossingSummary:
        """Counts of all edges."""
        return all_edges(self)

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
        return rows if self.crosses_any else rows.exclude(WITHIN)

    @cached_property
    def line(self) -> str:
        """The counts under the title."""
        return line_of(self, self.totals)

    @cached_property
    def tree(self) -> Tree:
        """The root and the OUs."""
        return unit_tree(self.viewer, connection=self.connection, as_of=self.as_of).tree

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
        for row in shown_edges(self, edges):
            edge = row.edge
            yield [
                *(edge.key, edge.crossing, edge.state, row.severity),
                *(edge.principal_kind, edge.principal_id, edge.provider, edge.tenant),
                *(edge.vendor, edge.principal_account_id, edge.account_id, edge.resource_arn),
                *(row.contract.label if row.contract.is_known else "not known", edge.source),
                *(edge.through, edge.sid, edge.statement, edge.actions, edge.guards),
                *(edge.blocked_by, edge.undecided, edge.witness, edge.seen_from),
            ]

    def chips(self, counted: int) -> list[FilterChip]:
        """Return the filters as chips. `counted`: how many edges are left."""
        query = self.request.GET
        every = filter_chips(self.filters, query, leave_out=_APART)
        offered = [chip for chip in every if chip.said or chip.name in _OFFERED]
        return [*self.place_chips(), *offered, self.crosses_chip(counted)]

    def place_chips(self) -> list[FilterChip]:
        """Return the filters by where edges come from and lead to."""
        query = self.request.GET
        offered = [(node.target_id, _label(node, self.tree)) for node in _units(self.tree)]
        present = self.totals.edges
        crossings = [(key, str(label)) for key, label in Crossing.choices if key in present]
        chosen = [value for name in ("crossing", "comes_from") for value in query.getlist(name)]
        said = " or ".join(self.place_name(value) for value in chosen if value)
        source = FilterChip(
            name="comes_from",
            label="From",
            said=said,
            without=address(query, crossing=None, comes_from=None),
            choices=tuple(
                FilterChoice(label, address(query, **{name: value}), value in chosen)
                for name, pairs in (("crossing", crossings), ("comes_from", offered))
                for value, label in pairs
            ),
        )
        wanted = [value for value in query.getlist("to") if value]
        names = {value: self.place_name(value) for value in wanted}
        return [source, choice_chip(query, "to", "To", offered, said=names)]

    def place_name(self, value: str) -> str:
        """Return what a filter's value is called: a crossing, an OU, or an account."""
        if value in Crossing.values:
            return str(Crossing(value).label)
        node = self.tree.by_id.get(value)
        if node is not None:
            return node.name
        named = accounts(self.viewer, connection=self.connection, as_of=self.as_of)
        return named.filter(account_id=value).values_list("name", flat=True).first() or value

    def crosses_chip(self, counted: int) -> FilterChip:
        """Return the chip that leaves out what crosses no account boundary."""
        query = self.request.GET
        if self.crosses_any:
            choice = FilterChoice("Yes", address(query, crosses=None, crossing=None), chosen=False)
            return FilterChip("crosses", "Crosses an account", "", "", (choice,))
        return FilterChip(
            "crosses", "Crosses an account", f"{counted:,}", address(query, crosses="any"), ()
        )


def _units(tree: Tree) -> list[TreeNode]:
    """Return OUs in the order of the tree, from the top down to as many as a menu holds."""
    found: list[TreeNode] = []
    level = [] if tree.root is None else list(tree.root.children)
    while level and len(found) + len(level) <= _MOST_PLACES:
        found += level
        level = [child for node in level for child in node.children]
    order = {node.target_id: number for number, node in enumerate(tree.by_id.values())}
    return sorted(found, key=lambda node: order[node.target_id])


def _label(node: TreeNode, tree: Tree) -> str:
    names = [node.name]
    parent = tree.by_id.get(node.parent_id)
    while parent is not None and parent is not tree.root:
        names.append(parent.name)
        parent = tree.by_id.get(parent.parent_id)
    return "/".join(reversed(names))
