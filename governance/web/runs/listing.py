"""The list of inventory runs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce

from governance.access import rights
from governance.filtering.runs import RunFilters
from governance.web.parts.lists import Column, ListPage
from inventory.models import InventoryRun
from inventory.selectors.runs import active_run, run_progress, run_totals, runs


def seconds_of(run: InventoryRun, now: datetime) -> float | None:
    """Return how long a run took, or has taken so far; None before it started."""
    if run.started_at is None:
        return None
    return ((run.finished_at or now) - run.started_at).total_seconds()


def asked_by(run: InventoryRun) -> str:
    """Return who or what asked for a run."""
    if run.requested_by is not None:
        return run.requested_by.get_username()
    return "schedule" if run.trigger == InventoryRun.Trigger.SCHEDULE else ""


class RunsPage(ListPage):
    """Every run with what came of it, the newest first."""

    required_right = rights.VIEW_INVENTORY
    section = "inventory-runs"
    page_title = "Inventory runs"
    template_name = "governance/runs/page.html"
    filterset_class = RunFilters
    row_template = "governance/runs/row.html"
    default_sort = "-requested_at"
    page_size = 30
    export_name = "inventory-runs"
    row_noun = "run,runs"
    empty_title = "No run yet"
    empty_text = (
        "An inventory run reads the organization and then each account. The schedule starts one, "
        "or whoever may press Collect now."
    )
    columns = (
        Column("id", "Run", ("pk",), lambda row: row.pk),
        Column("state", "State", ("state",), lambda row: row.state),
        Column("trigger", "Trigger", ("trigger",), lambda row: row.trigger),
        Column("requested_by", "By", ("requested_by__username",), lambda row: row.asked_by),
        Column("requested_at", "Requested", ("requested_at",), lambda row: row.requested_at),
        Column("started_at", "", ("started_at",), lambda row: row.started_at, hidden=True),
        Column("seconds", "Took", ("took",), lambda row: row.seconds, numeric=True),
        Column("accounts", "Accounts", (), lambda row: row.totals.accounts, numeric=True),
        Column("accounts_done", "", (), lambda row: row.totals.done, hidden=True),
        Column("accounts_unread", "", (), lambda row: row.totals.unread, hidden=True),
        Column(
            "rows_opened",
            "Opened",
            ("rows_opened",),
            lambda row: row.totals.rows_opened,
            numeric=True,
        ),
        Column(
            "rows_closed",
            "Closed",
            ("rows_closed",),
            lambda row: row.totals.rows_closed,
            numeric=True,
        ),
        Column("calls", "Calls", (), lambda row: row.totals.calls, numeric=True),
        Column("error", "", (), lambda row: row.error, hidden=True),
    )

    def get_rows(self) -> "QuerySet[Any]":
        """Return all runs."""
        # One that goes on has taken until now.
        took = Coalesce("finished_at", Value(self.now)) - F("started_at")
        return runs(self.viewer, connection=self.connection).annotate(took=took)

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Add duration, accounts and calls, in queries for all of them."""
        totals = run_totals(self.viewer, runs=rows)
        for row in rows:
            row.totals = totals[row.pk]
            row.seconds = seconds_of(row, self.now)
            row.asked_by = asked_by(row)
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the run that goes on, or the button that starts one."""
        active = active_run(self.viewer, connection=self.connection)
        return super().get_context_data(
            may_start=self.may(rights.START_RUN),
            active=active,
            active_progress=run_progress(self.viewer, run=active) if active else None,
            **kwargs,
        )
