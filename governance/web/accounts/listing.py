"""The list of accounts."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.db.models import QuerySet

from governance.access import rights
from governance.filtering.organization import AccountFilters
from governance.web.parts.bulk import BulkButton
from governance.web.parts.coverage import TROUBLED_COLUMNS, problems_by_account
from governance.web.parts.knowledge import knowledge_of
from governance.web.parts.lists import Column, ListPage
from inventory.selectors.coverage import Knowledge, coverage_by_account
from inventory.selectors.coverage_problems import coverage_problems_of
from inventory.selectors.hierarchy import accounts
from inventory.selectors.trees import unit_tree

_INCOMPLETE: Final = (Knowledge.DENIED, Knowledge.FAILED, Knowledge.PARTIAL, Knowledge.SKIPPED)


class AccountsPage(ListPage):
    """Every account, with filters by state, OU, tag and coverage."""

    required_right = rights.VIEW_INVENTORY
    section = "accounts"
    shows_tables: ClassVar[tuple[str, ...]] = ("Account",)
    page_title = "Accounts"
    template_name = "governance/list.html"
    filterset_class = AccountFilters
    row_template = "governance/accounts/row.html"
    default_sort = "name"
    search_label = "Name, email or account id"
    export_name = "accounts"
    row_noun = "account,accounts"
    empty_title = "No account is known yet"
    empty_text = "Accounts appear once an inventory run has read the organization."
    columns = (
        Column("name", "Account", ("name",), lambda row: row.name),
        Column("account_id", "Id", ("account_id",), lambda row: row.account_id),
        Column("email", "Email", ("email",), lambda row: row.email, hidden=True),
        Column("state", "State", ("state",), lambda row: row.state),
        Column(
            "organizational_units", "In", ("path", "name"), lambda row: "/".join(row.unit_names)
        ),
        Column("joined_at", "Joined", ("joined_at",), lambda row: row.joined_at),
        Column("tags", "Tags", (), lambda row: row.tags),
        Column("coverage", "Coverage", (), lambda row: row.knowledge.state),
        Column("coverage_reason", "", (), lambda row: row.coverage_reason, hidden=True),
    )

    def get_rows(self) -> "QuerySet[Any]":
        """Return all accounts at the time looked at."""
        return accounts(self.viewer, connection=self.connection, as_of=self.as_of)

    def bulk_buttons(self) -> Sequence[BulkButton]:
        """Return what can be done to many accounts."""
        if self.as_of is not None or not self.may(rights.START_RUN, None):
            return []
        return [BulkButton("Collect", "refresh", self.href("accounts-collect"))]

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Add the OUs' names, the coverage and what stands in its way, in three queries."""
        units = unit_tree(
            self.viewer, connection=self.connection, as_of=self.as_of, marks=self.marks
        ).tree.by_id
        summaries = coverage_by_account(
            self.viewer,
            connection=self.connection,
            now=self.now,
            as_of=self.as_of,
            account_ids=[row.account_id for row in rows],
        )
        for row in rows:
            row.units = [
                (step, units[step].name)
                for step in row.path.split("/")
                if step.startswith("ou-") and step in units
            ]
            row.unit_names = [name for _, name in row.units]
            row.knowledge = knowledge_of(summaries.get(row.account_id))
        self.add_reasons(rows)
        return rows

    def add_reasons(self, rows: Sequence[Any]) -> None:
        """Say why accounts are not collected whole; empty where they are."""
        short = [row.account_id for row in rows if row.knowledge.state in _INCOMPLETE]
        problems = problems_by_account(
            coverage_problems_of(
                self.viewer, connection=self.connection, account_ids=short, as_of=self.as_of
            ).values_list(*TROUBLED_COLUMNS, named=True)
            if short
            else ()
        )
        for row in rows:
            found = problems.get(row.account_id)
            row.coverage_reason = found.words if found else ""
