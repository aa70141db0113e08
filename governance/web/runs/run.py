"""One inventory run: how far it is, its accounts, what each collector covered, its calls."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import BigIntegerField, F, FloatField, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from governance.access import rights
from governance.filtering.runs import CoverageFilters, RunAccountFilters
from governance.web.parts.ages import duration, exact
from governance.web.parts.coverage import collector_label
from governance.web.parts.lists import Column, ListPage
from governance.web.parts.pages import ConnectionPage, Crumb, Fact, Tab
from governance.web.runs.listing import asked_by, seconds_of
from inventory.models import AccountCoverage, Coverage, InventoryRun
from inventory.selectors.hierarchy import accounts
from inventory.selectors.runs import (
    UNREAD_STATES,
    RunProgress,
    active_run,
    first_problems,
    rows_written,
    run_accounts,
    run_coverage,
    run_coverage_count,
    run_progress,
    runs,
)
from inventory.selectors.suspected import ALL_TABLES, Suspicion, found_missing_by, suspicion

# htmx ends its polling on this status (htmx documentation, "Load Polling").
STOP_POLLING = 286


class RunPart(ConnectionPage):
    """What the parts of a run share."""

    required_right = rights.VIEW_INVENTORY
    section = "inventory-runs"
    tab = "accounts"
    run: InventoryRun
    progress: RunProgress

    def begin(self) -> None:
        """Find the run.

        :raises Http404: the organization has no such run.
        """
        super().begin()
        found = (
            runs(self.viewer, connection=self.connection).filter(pk=self.kwargs["run_id"]).first()
        )
        if found is None:
            raise Http404(f"{self.connection.name} has no inventory run {self.kwargs['run_id']}.")
        self.run = found
        self.progress = run_progress(self.viewer, run=found)

    def get_title(self) -> str:
        """Return the run's number."""
        return f"Run {self.run.pk}"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this run."""
        href = reverse("inventory-runs", kwargs={"slug": self.connection.slug})
        return [Crumb("Inventory runs", href), Crumb(self.get_title())]

    def get_facts(self) -> Sequence[Fact]:
        """Say what started it, when, how long it took and what it wrote."""
        run = self.run
        facts = [Fact("Trigger", run.get_trigger_display())]
        if run.requested_by is not None:
            facts.append(Fact("By", asked_by(run)))
        facts.append(Fact("Requested", exact(run.requested_at)))
        seconds = seconds_of(run, self.now)
        if seconds is not None and not run.is_active:
            facts.append(Fact("Took", duration(seconds)))
        written = rows_written(self.viewer, run=run)
        if written is not None:
            facts.append(Fact("Rows", f"{written[0]:,} opened, {written[1]:,} closed"))
        return facts

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs."""
        arguments = {"slug": self.connection.slug, "run_id": self.run.pk}
        counts = {
            "accounts": self.progress.accounts_total,
            "coverage": sum(self.progress.collectors.values()),
            "calls": sum(self.progress.calls.values()),
            "suspected": self.suspected_count,
        }
        return [
            Tab(label, reverse(name, kwargs=arguments), counts[key], current=self.tab == key)
            for key, label, name in (
                ("accounts", "Accounts", "inventory-run"),
                ("coverage", "Coverage", "inventory-run-coverage"),
                ("calls", "Calls", "inventory-run-calls"),
                ("suspected", "Suspected deletions", "inventory-run-suspected"),
            )
            if (key != "suspected" or counts[key]) and (key != "calls" or self.progress.is_whole)
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the run, how far it is, and whether its failed accounts can be read again."""
        unread = sum(self.progress.accounts.get(state, 0) for state in UNREAD_STATES)
        may_start = self.may(rights.START_RUN)
        return super().get_context_data(
            run=self.run,
            progress=self.progress,
            unread=unread,
            may_cancel=self.run.is_active and self.may(rights.CANCEL_RUN),
            may_retry=may_start and bool(unread) and not self.run.is_active,
            active=active_run(self.viewer, connection=self.connection),
            rows_change=self.run.is_active,
            **kwargs,
        )

    @cached_property
    def suspected_count(self) -> int:
        """How many suspected deletions the run held back, decided or not."""
        return found_missing_by(self.viewer, run=self.run).count()

    def suspicion(self) -> Suspicion | None:
        """Return what this run lacks and nobody has decided on; its own tab lists it."""
        if self.tab == "suspected" or not self.suspected_count:
            return None
        found = suspicion(self.viewer, connection=self.connection, tables=ALL_TABLES)
        return found if found is not None and found.run_id == self.run.pk else None

    def account_names(self, account_ids: set[str]) -> dict[str, str]:
        """Return the names of accounts as of the run's start."""
        rows: list[tuple[str, str]] = list(
            accounts(self.viewer, connection=self.connection, as_of=self.run.started_at)
            .filter(account_id__in=account_ids)
            .values_list("account_id", "name")
        )
        return dict(rows)


class RunPage(RunPart, ListPage):
    """The accounts of a run, and how each one's part stands."""

    template_name = "governance/runs/run.html"
    filterset_class = RunAccountFilters
    row_template = "governance/runs/account_row.html"
    default_sort = "account_id"
    export_name = "run-accounts"
    row_noun = "account,accounts"
    caption = "Accounts of the run"
    columns = (
        Column("name", "Account", (), lambda row: row.name),
        Column("account_id", "Id", ("account_id",), lambda row: row.account_id),
        Column("state", "State", ("state", "account_id"), lambda row: row.state),
        Column(
            "collectors_complete", "Collectors", (), lambda row: row.complete_then, numeric=True
        ),
        Column("collectors", "", (), lambda row: row.total_then, hidden=True),
        Column("problem", "First problem and remedy", (), lambda row: row.problem_words),
        Column(
            "attempts",
            "Attempts",
            ("attempts", "account_id"),
            lambda row: row.attempts,
            numeric=True,
        ),
        Column("seconds", "Took", (), lambda row: row.seconds, numeric=True),
    )

    def get_rows(self) -> "QuerySet[Any]":
        """Return the accounts' parts."""
        return run_accounts(self.viewer, run=self.run)

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Add names and what went wrong first, in two queries."""
        account_ids = {row.account_id for row in rows}
        names = self.account_names(account_ids)
        problems = first_problems(self.viewer, run=self.run, account_ids=account_ids)
        for row in rows:
            row.name = names.get(row.account_id, "")
            row.problem = problems.get(row.account_id)
            row.problem_words = _problem_words(row.problem)
            row.seconds = _seconds(row)
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say why there are no accounts, where there are none."""
        context = super().get_context_data(**kwargs)
        context["empty_state"], context["empty_title"], context["empty_text"] = self.why_empty()
        return context

    def why_empty(self) -> tuple[str, str, str]:
        """Return state, title and text for a run without accounts."""
        if self.run.is_active:
            words = "Accounts appear once the organization has been read."
            title = "The organization is being read"
            if self.run.state == InventoryRun.State.QUEUED:
                title = "The run has not started"
            return "loading", title, words
        words = "The run ended before it came to the accounts; nothing was stored or closed."
        return "failed", "No account was read", words


def _problem_words(problem: Coverage | None) -> str:
    return " ".join(filter(None, (problem.message, problem.remedy))) if problem else ""


def _seconds(row: AccountCoverage) -> float | None:
    if row.started_at is None or row.finished_at is None:
        return None
    return (row.finished_at - row.started_at).total_seconds()


class RunCoverage(RunPart, ListPage):
    """What each collector covered of the organization and of each account."""

    template_name = "governance/runs/run.html"
    tab = "coverage"
    filterset_class = CoverageFilters
    row_template = "governance/runs/coverage_row.html"
    default_sort = "account_id"
    export_name = "run-coverage"
    row_noun = "collector,collectors"
    caption = "Coverage by account and collector"
    empty_title = "No collector has come back yet"
    empty_text = "Collectors report here as each account is read."
    columns = (
        Column("account", "Account", (), lambda row: row.account_name),
        Column(
            "account_id",
            "Id",
            ("account_id", "collector", "region"),
            lambda row: row.account_id,
        ),
        Column("collector", "Collector", ("collector", "account_id"), lambda row: row.collector),
        Column("region", "Region", ("region", "account_id"), lambda row: row.region, hidden=True),
        Column("state", "State", ("state", "account_id"), lambda row: row.state),
        Column("message", "Problem and remedy", (), lambda row: row.message),
        Column("remedy", "", (), lambda row: row.remedy, hidden=True),
        Column("error_code", "", (), lambda row: row.error_code, hidden=True),
        Column("records", "Records", ("records_read",), lambda row: row.records, numeric=True),
        Column("calls", "Calls", (), lambda row: row.call_count, numeric=True),
        Column("seconds", "Time", ("seconds_taken",), lambda row: row.seconds, numeric=True),
    )

    def get_rows(self) -> "QuerySet[Any]":
        """Return the run's coverage."""
        return run_coverage(self.viewer, run=self.run).annotate(
            records_read=Cast(KeyTextTransform("records", F("measured")), BigIntegerField()),
            seconds_taken=Cast(KeyTextTransform("seconds", F("measured")), FloatField()),
        )

    def rows_page(self, rows: "QuerySet[Any]") -> Any:
        """Return the asked page; where nothing is filtered, rows are not counted one by one."""
        query = self.request.GET
        paginator: Paginator[Any] = Paginator(rows, self.page_size)
        if not any(query.get(name) for name in self.filterset_class.base_filters):
            paginator.count = run_coverage_count(self.viewer, run=self.run)
        page: Any = paginator.get_page(query.get("page"))
        page.object_list = self.enrich(list(page.object_list))
        return page

    def export(self, kind: str) -> HttpResponseBase:
        """Send the run's coverage.

        :raises BadRequest: some of it was aged out, and a file would not say so.
        """
        if self.run.detail_aged_out_at is not None:
            raise BadRequest(
                "The coverage of this run was aged out: the file would lack most of it. How each "
                "account ended is kept; export the run's accounts."
            )
        return super().export(kind)

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Add names, in one query."""
        names = self.account_names({row.account_id for row in rows})
        for row in rows:
            row.account_name = names.get(row.account_id, "")
            row.label = collector_label(row.collector)
        return rows


class RunCalls(RunPart):
    """The calls to AWS by operation."""

    template_name = "governance/runs/calls.html"
    tab = "calls"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the operations, the most called first.

        :raises Http404: this person sees a part of the accounts, and calls are counted over all.
        """
        if not self.progress.is_whole:
            raise Http404("Calls are counted for the whole organization, of which you see a part.")
        calls = sorted(self.progress.calls.items(), key=lambda one: (-one[1], one[0]))
        return super().get_context_data(
            calls=calls, most=calls[0][1] if calls else 0, total=sum(n for _, n in calls), **kwargs
        )


class RunProgressPart(RunPart):
    """How far the run is, asked for every two seconds while it goes on."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the part alone; once the run has ended, have the page around it read again."""
        answer: HttpResponse = render(
            request,
            "governance/runs/progress.html",
            {
                "run": self.run,
                "progress": self.progress,
                "slug": self.connection.slug,
                "said": True,
            },
        )
        if not self.run.is_active:
            answer.status_code = STOP_POLLING
            answer.headers["HX-Refresh"] = "true"
        return answer
