"""The queue of change requests: those that wait for me, mine, all."""

from collections.abc import Sequence
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse

from governance.access import rights
from governance.changes.life.selectors import change_requests, met_approvals
from governance.changes.models import ChangeRequest
from governance.changes.states import CLOSED
from governance.filtering.change_requests import ChangeRequestFilters
from governance.web.changes.frame import request_label
from governance.web.parts.bulk import BulkButton
from governance.web.parts.filters import address
from governance.web.parts.lists import Column, ListPage
from governance.web.parts.pages import Crumb, Tab
from governance.web.parts.people import name_of, person_of

# Which requests the address's `of` shows: the first is what an address without it shows.
OF: Final = (("all", "All"), ("waiting", "Waiting for me"), ("mine", "Mine"))
# Further screens about all requests; one whose address does not exist is left out.
FURTHER: Final = (("Calendar", "change-calendar"), ("Locks", "change-locks"))


def queue_tabs(slug: str, *, current: str, counts: dict[str, int], query: str = "") -> list[Tab]:
    """Return the tabs over the queue and what lies beside it. `current`: a key of `OF` or a name.

    `counts`: by key. `query`: what the addresses of the queue keep, with its question mark.
    """
    href = reverse("change-requests", kwargs={"slug": slug})
    tabs = [
        Tab(label, f"{href}?of={key}" if not query else f"{href}{query}&of={key}",
            counts.get(key), key == current)
        for key, label in OF
    ]  # fmt: skip
    for label, name in FURTHER:
        try:
            tabs.append(Tab(label, reverse(name, kwargs={"slug": slug}), None, name == current))
        except NoReverseMatch:
            continue
    return tabs


def queue_crumbs(slug: str) -> list[Crumb]:
    """Return the way to the queue."""
    return [Crumb("Changes", reverse("change-requests", kwargs={"slug": slug}))]


class ChangeQueue(ListPage):
    """Every change request, the one edited last first."""

    required_right = rights.VIEW_CHANGES
    section = "changes"
    page_title = "Changes"
    template_name = "governance/changes/queue.html"
    filterset_class = ChangeRequestFilters
    row_template = "governance/changes/row.html"
    default_sort = "-updated_at"
    search_label = "Title or number"
    export_name = "change-requests"
    row_noun = "request,requests"
    empty_title = "No change request yet"
    empty_text = (
        "A change request lists edits, shows their effect and asks the affected owners to "
        "approve. AWS changes only after approval."
    )
    columns = (
        Column("number", "Change", ("number",), lambda row: row.number),
        Column("title", "", ("title",), lambda row: row.title, hidden=True),
        Column("state", "State", ("state",), lambda row: row.state),
        Column("author", "By", ("author__username",), lambda row: row.author.username),
        Column("approvals", "Approvals", (), lambda row: len(row.required_approvals), numeric=True),
        Column("applied", "", (), lambda row: row.applied, hidden=True),
        Column("plan_sha256", "", (), lambda row: row.plan_sha256, hidden=True),
        Column("created_at", "", ("created_at",), lambda row: row.created_at, hidden=True),
        Column("expires_at", "", ("expires_at",), lambda row: row.expires_at, hidden=True),
        Column("updated_at", "Edited", ("updated_at",), lambda row: row.updated_at),
    )

    @property
    def shown_of(self) -> str:
        """Which requests are shown, a key of `OF`.

        :raises BadRequest: the address names none of them.
        """
        wanted = self.request.GET.get("of") or OF[0][0]
        if wanted not in dict(OF):
            raise BadRequest(f"of is {wanted!r}; it can be {', '.join(key for key, _ in OF)}.")
        return wanted

    def all_rows(self) -> "QuerySet[ChangeRequest]":
        """Return the requests of the organization."""
        return change_requests(self.viewer, connection=self.connection)

    def rows_of(self, key: str) -> "QuerySet[ChangeRequest]":
        """Return the requests of one tab."""
        person = person_of(self.request)
        rows = self.all_rows()
        if key == "mine":
            return rows.filter(author=person)
        if key == "waiting":
            return change_requests(
                self.viewer, connection=self.connection, waiting_for_id=person.pk
            )
        return rows

    def get_rows(self) -> "QuerySet[Any]":
        """Return the requests of the tab that is shown."""
        return self.rows_of(self.shown_of)

    def bulk_buttons(self) -> Sequence[BulkButton]:
        """Return what can be done to many requests: whoever writes or overrides them withdraws."""
        if not any(
            self.may(right, None) for right in (rights.PROPOSE_CHANGE, rights.OVERRIDE_CHANGE)
        ):
            return []
        return [BulkButton("Withdraw", "x", self.href("changes-withdraw"))]

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Add how a request is called, who asks for it, and how many approvals it has."""
        met = met_approvals(rows)
        for row in rows:
            row.approvals_met, row.approvals_needed = met.get(row.pk, (None, None))
            row.label = request_label(row.number)
            row.author_name = name_of(row.author)
        return rows

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the organization and this page."""
        return [Crumb(self.connection.name), Crumb("Changes")]

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs, each with how many requests are open in it."""
        counts = {
            key: self.rows_of(key).exclude(state__in=CLOSED).count() for key in ("waiting", "mine")
        }
        kept = address(self.request.GET, of=None)
        return queue_tabs(
            self.connection.slug,
            current=self.shown_of,
            counts=counts,
            query="" if kept == "?" else kept,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether this person may ask for a change."""
        return super().get_context_data(may_propose=self.may(rights.PROPOSE_CHANGE, None), **kwargs)
