"""The inbox: every finding, filtered and sorted, with one in a panel beside it."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.http import urlencode

from governance.access import rights
from governance.filtering.findings import FindingFilters
from governance.inbox.models import InboxItem
from governance.inbox.selectors import inbox_item, inbox_items, inbox_readings
from governance.web.findings.frame import FindingScreen
from governance.web.findings.panel import finding_panel
from governance.web.findings.rows import InboxRow, finding_rows
from governance.web.parts.bulk import BulkButton
from governance.web.parts.filters import FilterChip, address
from governance.web.parts.keyset import KeysetListPage
from governance.web.parts.lists import Column
from governance.web.parts.pages import Fact
from inventory.selectors.freshness import FINDING_TABLES

Source = InboxItem.Source


class FindingsPage(FindingScreen, KeysetListPage):
    """Findings of structure, trust, guardrails, drift and landing zone, the worst first."""

    required_right = rights.VIEW_FINDINGS
    shows_tables = FINDING_TABLES
    template_name = "governance/findings/inbox.html"
    filterset_class = FindingFilters
    row_template = "governance/findings/row.html"
    default_sort = "severity"
    page_size = 25
    search_label = "Finding, account or policy"
    export_name = "findings"
    row_noun = "finding,findings"
    empty_title = "No finding"
    empty_text = "Every check passed. Filter by Resolved for past findings."
    columns = (
        Column("id", "", (), lambda row: row.item.pk, hidden=True),
        Column(
            "severity",
            "Severity",
            ("severity_rank", "first_seen_at"),
            lambda row: row.item.severity,
        ),
        Column("title", "Finding", (), lambda row: row.title),
        Column("source", "", (), lambda row: row.item.source, hidden=True),
        Column("kind", "", (), lambda row: row.item.kind, hidden=True),
        Column("target_id", "", (), lambda row: _about(row, "target_id"), hidden=True),
        Column("target_name", "", (), lambda row: _about(row, "target_name"), hidden=True),
        Column("account_id", "", (), lambda row: _about(row, "account_id"), hidden=True),
        Column("accounts", "Accounts", (), lambda row: row.accounts, numeric=True),
        Column("accounts_outside", "", (), lambda row: row.has_more, hidden=True),
        Column("state", "State", ("state", "first_seen_at"), lambda row: row.item.state),
        Column("owner", "", (), lambda row: _owner(row.item), hidden=True),
        Column("age", "Age", ("first_seen_at",), lambda row: row.item.first_seen_at, numeric=True),
        Column("due_at", "", (), lambda row: row.item.due_at, hidden=True),
        Column("last_seen_at", "", (), lambda row: row.item.last_seen_at, hidden=True),
        Column("verified", "", (), lambda row: row.item.verified, hidden=True),
        Column("environment", "", (), lambda row: row.item.environment, hidden=True),
        Column("who", "Who did it", (), None),
    )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the list, a file of it, or a file of the chosen findings."""
        return super().get(request, *args, **kwargs)

    def get_template_names(self) -> list[str]:
        """Return the part that htmx asks for, else the whole page."""
        names = super().get_template_names()
        is_part = names == ["includes/list_partial.html"]
        return ["governance/findings/inbox_partial.html"] if is_part else names

    def get_rows(self) -> "QuerySet[Any]":
        """Return the findings that this person may see; those chosen by number, if any are."""
        rows = inbox_items(self.viewer, connection=self.connection)
        chosen = [int(one) for one in self.request.GET.getlist("id") if one.isdecimal()]
        return rows.filter(pk__in=chosen) if chosen else rows

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Put findings into words."""
        return finding_rows(self.viewer, rows, connection=self.connection, now=self.now)

    def bulk_buttons(self) -> Sequence[BulkButton]:
        """Return what can be done to many findings."""
        if not self.may(rights.WORK_ON_FINDINGS, None):
            return []
        href = self.href("finding-act")
        return [
            BulkButton("Assign", "user", href, "assign"),
            BulkButton("Snooze", "zzz", href, "snooze"),
            BulkButton("Mute", "bell-off", href, "mute"),
            BulkButton("Send to tickets", "send", href, "export"),
        ]

    def lit_tab(self) -> str:
        """Return the one source that is filtered by, else all."""
        sources = self.request.GET.getlist("source")
        return sources[0] if len(sources) == 1 and sources[0] in Source.values else "all"

    def get_facts(self) -> Sequence[Fact]:
        """Count by severity, and what is late or not verified."""
        counts = self.counts
        facts = [Fact("Open", f"{counts.total:,}")]
        facts += [
            Fact(str(severity.label), f"{counts.by_severity[severity.value]:,}")
            for severity in InboxItem.InboxSeverity
            if counts.by_severity[severity.value]
        ]
        if counts.overdue:
            facts.append(Fact("Overdue", f"{counts.overdue:,}"))
        if counts.unverified:
            facts.append(Fact("Cannot be verified", f"{counts.unverified:,}"))
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the chips, the selected finding, and which sources are not known."""
        context = super().get_context_data(**kwargs)
        query = self.request.GET
        chips = [chip for chip in context["chips"] if chip.name != "source"]
        if not query.getlist("state"):
            resolved = FilterChip(
                name="state",
                label="State",
                said="not resolved",
                without=address(query, state=None)
                + "&"
                + urlencode([("state", value) for value in InboxItem.State.values]),
                choices=(),
            )
            chips = [resolved, *(chip for chip in chips if chip.name != "state")]
        context["chips"] = chips
        context["is_filtered"] = (
            context["is_filtered"]
            and any(chip.said for chip in chips if chip.said != "not resolved")
        ) or bool(query.get("q"))
        readings = inbox_readings(self.connection)
        source = self.lit_tab()
        return context | {
            "panel": self.panel(),
            "selected": query.get("item", ""),
            "is_read": bool(readings),
            "unread": [
                (Source(name).label, one.problem, one.read_at)
                for name, one in readings.items()
                if one.problem and source in ("all", name)
            ],
            "unread_remedy": "Its findings are unchanged and cannot be verified.",
            "detections_href": self.href("detections") if source == "detection" else "",
            "structure_href": self.href("structure-findings") if source == "structure" else "",
        }

    def panel(self) -> dict[str, Any] | None:
        """Return the finding that the address selects; None: none is, or it is gone."""
        wanted = self.request.GET.get("item", "")
        if not wanted.isdecimal() or len(wanted) > 18:
            return None
        item = inbox_item(self.viewer, connection=self.connection, item_id=int(wanted))
        return None if item is None else finding_panel(self, item)


def _about(row: InboxRow, name: str) -> str:
    """Return a member that says what a finding is about; empty where that is hidden."""
    return "" if row.target_is_hidden else str(getattr(row.item, name))


def _owner(item: InboxItem) -> str:
    return item.assignee.get_username() if item.assignee else ""
