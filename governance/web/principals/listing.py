"""The list of IAM principals of all accounts."""

from typing import Any

from django.db.models import QuerySet

from governance.access import rights
from governance.filtering.principals import PrincipalFilters
from governance.web.lists import Column, ListPage
from inventory.selectors.principals import principals


class PrincipalsPage(ListPage):
    """Every user, group and role."""

    required_right = rights.VIEW_INVENTORY
    section = "principals"
    page_title = "Principals"
    template_name = "governance/list.html"
    filterset_class = PrincipalFilters
    row_template = "governance/principals/row.html"
    default_sort = "name"
    search_label = "Name or ARN"
    export_name = "principals"
    row_noun = "principal,principals"
    empty_title = "No principal is known yet"
    empty_text = "Principals appear once an inventory run has read the accounts."
    columns = (
        Column("name", "Name", ("name", "arn"), lambda row: row.name),
        Column("kind", "Kind", (), lambda row: row.kind),
        Column("account_id", "Account", (), lambda row: row.account_id),
    )

    def get_rows(self) -> "QuerySet[Any]":
        """Return all principals at the time looked at."""
        return principals(self.viewer, connection=self.connection, as_of=self.as_of)
