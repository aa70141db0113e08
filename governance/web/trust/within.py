"""The tab of edges that stay within one account."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from governance.access import rights
from governance.filtering.trust import TrustEdgeFilters
from governance.web.parts.keyset import KeysetListPage
from governance.web.parts.lists import Column
from governance.web.trust.frame import TrustPage
from governance.web.trust.groups import shown_edges
from governance.web.trust.reading import WITHIN, TrustReadings
from governance.web.trust.summary import CrossingSummary, all_edges, line_of


class WithinAccountsPage(TrustPage, KeysetListPage):
    """Who can get into a role or resource from within its own account."""

    required_right = rights.VIEW_TRUST
    tab = "within"
    template_name = "governance/trust/within.html"
    filterset_class = TrustEdgeFilters
    row_template = "governance/trust/within_row.html"
    default_sort = "account"
    search_label = "Account, role or resource"
    export_name = "trust-within-accounts"
    row_noun = "edge,edges"
    empty_title = "No edge stays within an account"
    empty_text = "Edges appear once an inventory run has read the accounts."
    columns = (
        Column("principal", "From", (), lambda row: row.principal_id),
        Column("account", "To", ("account_id", "resource_name"), lambda row: row.account_id),
        Column("resource_arn", "", (), lambda row: row.resource_arn, hidden=True),
        Column("guards", "Guards", (), lambda row: row.guards),
        Column("state", "State", (), lambda row: row.state),
        Column("severity", "Finding", (), lambda row: row.shown.severity),
        Column("key", "", (), lambda row: row.key, hidden=True),
    )

    @cached_property
    def totals(self) -> CrossingSummary:
        """Counts of all edges."""
        return all_edges(self)

    def get_rows(self) -> "QuerySet[Any]":
        """Return the edges within accounts."""
        return TrustReadings(self).edges.filter(WITHIN)

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Put each edge in words, with its worst finding."""
        found = shown_edges(self, rows)
        for row, shown in zip(rows, found, strict=True):
            row.shown = shown
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the line of counts."""
        return super().get_context_data(
            trust_line=line_of(self, self.totals),
            as_of_query=self.as_of_query,
            **self.runs_around(),
            **kwargs,
        )
