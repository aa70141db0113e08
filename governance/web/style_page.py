"""Every component in every state on one page, for those who build screens."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from governance.web.parts.charts import ChartPart, bars, hierarchy
from governance.web.parts.filters import FilterChip, FilterChoice
from governance.web.parts.lists import Head
from governance.web.parts.pages import Crumb, Fact, Page, Tab, fact_html
from governance.web.parts.rights_view import Opening
from governance.web.parts.states import STATES
from governance.web.style_samples import (
    COVERAGE,
    LEVELS,
    NODES,
    POLICY_AFTER,
    POLICY_BEFORE,
    PROGRESS,
    ROWS,
    TOKENS,
)


class SampleForm(forms.Form):
    """One field of each kind that pages use."""

    name = forms.CharField(max_length=80, help_text="As shown to people.")
    role = forms.CharField(
        label="Role ARN", help_text="In the management account or a delegated administrator's."
    )
    every = forms.ChoiceField(
        label="Schedule", choices=[("60", "Every hour"), ("1440", "Every day")]
    )
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    enabled = forms.BooleanField(required=False, label="Start runs by schedule")


class StylePage(Page):
    """`/style/`: the components with sample data, none of it from an organization."""

    required_right = Opening.STAFF
    template_name = "governance/style/page.html"
    page_title = "Style"
    section = "style"
    has_charts = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page; `?messages=1` adds a message of each level."""
        if request.GET.get("messages"):
            messages.success(request, "The inventory run has started.")
            messages.warning(request, "Two accounts were skipped: they are suspended.")
            messages.error(request, "The connection was not saved: its name is taken.")
        return super().get(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        """Show a way of three steps."""
        return [Crumb("Organization", "#"), Crumb("Workloads", "#"), Crumb("Style")]

    def get_facts(self) -> list[Fact]:
        """Show facts of text and of more."""
        return [
            Fact("Owner", fact_html('{} <span class="ink-2">from tag owner</span>', "Payments")),
            Fact("In this OU since", "12 Mar 2024"),
            Fact("Last change", fact_html('<a href="#">{}</a>', "2 days ago")),
        ]

    def get_tabs(self) -> list[Tab]:
        """Show tabs with and without a count."""
        return [
            Tab("Components", "#", current=True),
            Tab("Policies", "#", 14),
            Tab("History", "#"),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Collect the samples."""
        now = timezone.now()
        chips = [
            FilterChip(
                "state", "State", "Active", "?", (FilterChoice("Active", "?state=ACTIVE", True),)
            ),
            FilterChip(
                "coverage",
                "Coverage",
                "",
                "?",
                (FilterChoice("Denied", "?coverage=denied", False),),
            ),
            FilterChip("tag", "Tag", "", "?", ()),
        ]
        return super().get_context_data(
            now=now,
            moments={
                "just": now,
                "minutes": now - timedelta(minutes=14),
                "hours": now - timedelta(hours=5),
                "days": now - timedelta(days=3),
            },
            tokens=TOKENS,
            states=list(STATES),
            levels=LEVELS,
            cells=COVERAGE,
            steps=PROGRESS,
            nodes=NODES,
            before=POLICY_BEFORE,
            after=POLICY_AFTER,
            form=SampleForm(prefix="sample"),
            wrong_form=SampleForm(
                {"wrong-name": "", "wrong-role": "x", "wrong-every": "60"}, prefix="wrong"
            ),
            chips=chips,
            searches=True,
            search_label="Name, id or tag",
            csv_href="?format=csv",
            json_href="?format=json",
            rows=Paginator(ROWS, 3).page(2),
            row_noun="account,accounts",
            row_template="governance/style/row.html",
            table_caption="Sample accounts",
            table_heads=[
                Head("Name", False, "?sort=-name", "ascending"),
                Head("Id", False, "?sort=id", ""),
                Head("Accounts", True, "?sort=accounts", ""),
                Head("Policies", False, "", ""),
                Head("Coverage", False, "", ""),
            ],
            previous_href="?page=1",
            next_href="?page=3",
            chart=hierarchy(
                [ChartPart(*node) for node in NODES_AS_PARTS],
                key="sample-tree",
                title="Policies attached",
                said="Colour: policies in force. Size: accounts.",
                heads=("Name", "Accounts", "Policies in force"),
                low="0",
                high="12 policies",
            ),
            bar_chart=bars(
                [("29 Sep", 1), ("6 Oct", 2), ("13 Oct", 4), ("20 Oct", None), ("27 Oct", 9)],
                key="sample-bars",
                title="Rows changed by run",
                said="Length: rows that began in the run.",
                heads=("Run", "Rows"),
            ),
            hidden={"account_id": "111122223333"},
            **kwargs,
        )


NODES_AS_PARTS = [
    ("r", "Root", "", 60, 1.0, "1 policy", "#root"),
    ("w", "Workloads", "r", 38, 4.0, "4 policies", "#workloads"),
    ("s", "Security", "r", 6, 7.0, "7 policies", "#security"),
    ("x", "Sandbox", "r", 12, None, "Not known", "#sandbox"),
    ("i", "Infrastructure", "r", 4, 2.0, "2 policies", "#infrastructure"),
    ("p", "Production", "w", 20, 9.0, "9 policies", "#production"),
    ("t", "Test", "w", 12, 5.0, "5 policies", "#test"),
    ("g", "Regulated", "w", 6, 12.0, "12 policies", "#regulated"),
]
