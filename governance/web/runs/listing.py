"""The list of inventory runs."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from governance.access import rights
from governance.filtering.runs import RunFilters
from governance.web.lists import Column, ListPage
from governance.web.pages import may_open
from inventory.selectors.runs import active_run, runs


class RunsPage(ListPage):
    """Every run with what came of it, the newest first."""

    required_right = rights.VIEW_INVENTORY
    section = "inventory-runs"
    page_title = "Inventory runs"
    template_name = "governance/runs/page.html"
    filterset_class = RunFilters
    row_template = "governance/runs/row.html"
    default_sort = "-requested_at"
    export_name = "inventory-runs"
    row_noun = "run,runs"
    empty_title = "No run yet"
    empty_text = "An inventory run reads the organization and its accounts."
    columns = (
        Column("id", "Run", ("pk",), lambda row: row.pk),
        Column("state", "State", ("state",), lambda row: row.state),
        Column("trigger", "Trigger", ("trigger",), lambda row: row.trigger),
        Column("requested_at", "Asked for", ("requested_at",), lambda row: row.requested_at),
    )

    def get_rows(self) -> "QuerySet[Any]":
        """Return all runs."""
        return runs(self.viewer, connection=self.connection)

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Return the rows as they are."""
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the button needs."""
        return super().get_context_data(
            may_start=may_open(self.request.user, rights.START_RUN),
            active=active_run(self.viewer, connection=self.connection),
            **kwargs,
        )
