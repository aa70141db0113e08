"""What a run no longer found and held back, and the button that takes it for deleted."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.viewers import viewer_of
from governance.collection.deletions import CannotConfirm, deletion_confirm
from governance.presentation.suspected_wording import counted, noun
from governance.web.parts.lists import Column, ListPage
from governance.web.parts.pages import connection_or_404
from governance.web.parts.rights_view import RightMissing, RightsView, may_here
from governance.web.runs.run import RunPart
from inventory.models import InventoryRun, SuspectedDeletion
from inventory.selectors.suspected import found_missing_by, suspected_deletions


class RunSuspected(RunPart, ListPage):
    """The suspected deletions of a run, and what was decided on them."""

    template_name = "governance/runs/run.html"
    row_template = "governance/runs/suspected_row.html"
    tab = "suspected"
    default_sort = "kind"
    export_name = "run-suspected-deletions"
    row_noun = "suspected deletion,suspected deletions"
    caption = "Suspected deletions of the run"
    empty_title = "No suspected deletions"
    empty_text = "The run held back no deletion."
    columns = (
        Column("kind", "Kind", ("table", "account_id"), lambda row: row.kind),
        Column("account_name", "Account", (), lambda row: row.account_name),
        Column("account_id", "Account id", ("account_id", "table"), lambda row: row.account_id),
        Column("missing", "Not found", ("missing",), lambda row: row.missing, numeric=True),
        Column("known", "Known before", ("known",), lambda row: row.known, numeric=True),
        Column("state", "State", ("state", "table"), lambda row: row.state),
        Column("closed", "Deleted", ("closed",), lambda row: row.closed, numeric=True),
        Column(
            "decided_by", "Decided by", ("decided_by__username", "table"), lambda row: row.decider
        ),
    )

    def get_rows(self) -> "QuerySet[Any]":
        """Return the run's suspected deletions."""
        return found_missing_by(self.viewer, run=self.run)

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Add nouns and names, in one query."""
        names = self.account_names({row.account_id for row in rows})
        for row in rows:
            row.account_name = names.get(row.account_id, "")
            row.kind = noun(row.table, 2)
            row.decider = _decider(row)
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether this person may confirm."""
        return super().get_context_data(
            may_confirm=self.may(rights.CONFIRM_DELETION, None), **kwargs
        )


def _decider(row: SuspectedDeletion) -> str:
    if row.decided_at is None:
        return ""
    return row.decided_by.get_username() if row.decided_by is not None else "a later run"


class ConfirmDeletion(RightsView):
    """Take a suspected deletion for real."""

    required_right = rights.CONFIRM_DELETION
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Close the rows and lead back to the run's suspected deletions.

        :raises Http404: the organization has none of this id.
        """
        viewer = viewer_of(request.user)
        connection = connection_or_404(viewer, slug=self.kwargs["slug"])
        suspected_id = self.kwargs["suspected_id"]
        found = suspected_deletions(viewer, connection=connection).filter(pk=suspected_id).first()
        if found is None:
            raise Http404(f"There is no suspected deletion {suspected_id}.")
        if not may_here(request.user, rights.CONFIRM_DELETION, connection, found.account_id):
            raise RightMissing(rights.CONFIRM_DELETION)
        try:
            done = deletion_confirm(
                actor=actor_of(request),
                connection=connection,
                suspected_id=suspected_id,
                now=timezone.now(),
            )
        except CannotConfirm as error:
            messages.error(request, f"Not confirmed: {error}.")
        else:
            messages.success(request, f"{counted(done.table, done.closed)} deleted.")
        run = InventoryRun.objects.filter(
            connection=connection, started_at=found.missing_at
        ).first()
        name, given = "inventory-runs", {}
        if run is not None:
            name, given = "inventory-run-suspected", {"run_id": run.pk}
        return HttpResponseRedirect(reverse(name, kwargs={"slug": connection.slug, **given}))
