"""The tab of contracts."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from governance.access import rights
from governance.contracts.selectors import contracts
from governance.filtering.contracts import ContractFilters
from governance.presentation.contract_wording import (
    guard_labels,
    source_label,
    source_name,
    target_label,
    target_name,
    until_words,
)
from governance.web.contracts.frame import ContractsPart
from governance.web.parts.lists import Column, ListPage


class ContractsPage(ContractsPart, ListPage):
    """Every contract, the latest first."""

    required_right = rights.VIEW_CONTRACTS
    template_name = "governance/contracts/list.html"
    filterset_class = ContractFilters
    row_template = "governance/contracts/row.html"
    default_sort = "-number"
    search_label = "Purpose, either end or number"
    export_name = "contracts"
    row_noun = "contract,contracts"
    empty_title = "No contract is declared"
    empty_text = (
        "A contract says which edges across accounts are meant. Declare one by hand, adopt an "
        "edge under Crossings, or import a file."
    )
    columns = (
        Column("number", "Contract", ("number",), lambda row: row.number),
        Column("from", "From", (), lambda row: row.source),
        Column("to", "To", (), lambda row: row.target),
        Column("actions", "", (), lambda row: row.actions, hidden=True),
        Column("guards", "Guards", (), lambda row: row.guards),
        Column("state", "State", ("state",), lambda row: row.state),
        Column("edges", "Edges", (), lambda row: row.edge_count, numeric=True),
        Column("until", "Until", ("until", "number"), lambda row: row.until),
        Column("purpose", "", ("purpose",), lambda row: row.purpose, hidden=True),
        Column("declared_by", "", (), lambda row: row.declared_by.username, hidden=True),
    )

    def get_rows(self) -> "QuerySet[Any]":
        """Return the contracts of the organization."""
        return contracts(self.viewer, connection=self.connection)

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Put both ends, guards and end into words."""
        for row in rows:
            terms = row.terms
            row.from_name = source_name(terms.source, self.directory)
            row.from_label = source_label(terms.source)
            row.to_name = target_name(terms.target, self.directory)
            row.to_label = target_label(terms.target)
            row.guard_words = guard_labels(row)
            row.until_words = until_words(row, self.now.date())
            row.waits_for_me = self.person.pk in row.waiting_for
            row.look = "waiting_for_approval" if row.state == "proposed" else row.state
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether this person may declare contracts."""
        return super().get_context_data(
            may_declare=self.may(rights.DECLARE_CONTRACT, None), **kwargs
        )
