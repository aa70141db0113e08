"""The tab of contracts."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from governance.access import rights
from governance.contracts.matches import matches_are_known
from governance.contracts.selectors import contracts
from governance.contracts.terms import SourceKind, TargetKind
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
from governance.web.parts.looking_back import parse_as_of
from inventory.selectors.freshness import TRUST_TABLES

# Ends whose name says their kind: "account payments", "OU Prod".
_NAMED_SO = frozenset(
    {
        SourceKind.ACCOUNT,
        SourceKind.ORGANIZATIONAL_UNIT,
        TargetKind.ACCOUNT,
        TargetKind.ORGANIZATIONAL_UNIT,
    }
)


class ContractsPage(ContractsPart, ListPage):
    """Every contract, the latest first."""

    required_right = rights.VIEW_CONTRACTS
    shows_tables = TRUST_TABLES
    template_name = "governance/contracts/list.html"
    filterset_class = ContractFilters
    row_template = "governance/contracts/row.html"
    default_sort = "-number"
    search_label = "Purpose, either end or number"
    export_name = "contracts"
    row_noun = "contract,contracts"
    empty_title = "No contract is declared"
    empty_text = (
        "A contract says which cross-account edges are intended. Declare one, adopt an edge under "
        "Crossings, or import a file."
    )
    columns = (
        Column("number", "Contract", ("number",), lambda row: row.number),
        Column("from", "From", (), lambda row: row.source),
        Column("to", "To", (), lambda row: row.target),
        Column("actions", "", (), lambda row: row.actions, hidden=True),
        Column("guards", "Guards", (), lambda row: row.guards),
        Column("state", "State", ("state",), lambda row: row.state),
        Column(
            "edges", "Edges", ("edge_count", "number"), lambda row: row.edge_count, numeric=True
        ),
        Column("until", "Until", ("until", "number"), lambda row: row.until),
        Column("purpose", "", ("purpose",), lambda row: row.purpose, hidden=True),
        Column(
            "declared_by",
            "",
            ("declared_by__username", "number"),
            lambda row: row.declared_by.username,
            hidden=True,
        ),
    )

    def begin(self) -> None:
        """Find the organization and the time looked at, unlike the other screens of contracts."""
        super().begin()
        self.as_of = parse_as_of(self.request.GET.get("as_of", ""), now=self.now)

    def get_rows(self) -> "QuerySet[Any]":
        """Return the contracts of the organization, of an earlier time those in force then."""
        return contracts(self.viewer, connection=self.connection, as_of=self.as_of)

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Put both ends, guards and end into words."""
        known = matches_are_known(self.connection, self.as_of)
        for row in rows:
            terms = row.terms
            row.from_id = self.linked_id(terms.source.value)
            row.to_id = self.linked_id(terms.target.value)
            row.from_name = source_name(terms.source, self.directory)
            row.from_label = "" if terms.source.kind in _NAMED_SO else source_label(terms.source)
            row.to_name = target_name(terms.target, self.directory)
            row.to_label = "" if terms.target.kind in _NAMED_SO else target_label(terms.target)
            row.guard_words = guard_labels(row)
            row.until_words = until_words(row, self.now.date())
            row.waits_for_me = self.as_of is None and self.person.pk in row.waiting_for
            row.look = "waiting_for_approval" if row.state == "proposed" else row.state
            if self.as_of is not None:
                row.look = "active"
            row.edges_are_known = known
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether this person may declare contracts."""
        return super().get_context_data(
            may_declare=self.as_of is None and self.may(rights.DECLARE_CONTRACT, None),
            **self.runs_around(),
            **kwargs,
        )
