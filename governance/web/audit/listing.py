"""The list of entries of the audit log, and how the log stands."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.viewers import viewer_with
from governance.audit import actions
from governance.audit.dispatch import verification_request
from governance.audit.selectors import audit_entries, log_state
from governance.filtering.audit import AuditFilters
from governance.web.audit.wording import shown_entries
from governance.web.parts.keyset import KeysetRowListPage
from governance.web.parts.lists import Column
from governance.web.parts.pages import Fact
from governance.web.parts.rights_view import RightsView
from inventory.viewing import Viewer


class AuditPage(KeysetRowListPage):
    """Every act on record, the latest first."""

    required_right = rights.VIEW_AUDIT
    section = "audit"
    page_title = "Audit"
    template_name = "governance/audit/page.html"
    filterset_class = AuditFilters
    row_template = "governance/audit/row.html"
    default_sort = "-recorded_at"
    search_label = "Actor, object, address or request id"
    export_name = "audit"
    exported_action = actions.AUDIT_EXPORT
    row_noun = "entry,entries"
    empty_title = "No entry yet"
    empty_text = "Actions of people, programs and commands are recorded here."
    columns = (
        Column("action", "Action", ("action",), lambda row: row.action),
        Column("object_name", "Object", ("object_name",), lambda row: row.object_name),
        Column("actor_name", "Actor", ("actor_name",), lambda row: row.actor_name),
        Column("outcome", "Outcome", ("outcome",), lambda row: row.outcome),
        Column("recorded_at", "When", ("recorded_at",), lambda row: row.recorded_at),
        Column("position", "Position in the log", (), lambda row: row.position, numeric=True),
        Column("id", "", (), lambda row: row.pk, hidden=True),
        Column("actor_kind", "", (), lambda row: row.actor_kind, hidden=True),
        Column("actor_id", "", (), lambda row: row.actor_id, hidden=True),
        Column("on_behalf_of", "", (), lambda row: row.on_behalf_of, hidden=True),
        Column("token_id", "", (), lambda row: row.token_id, hidden=True),
        Column("session", "", (), lambda row: row.session, hidden=True),
        Column("address", "", (), lambda row: row.address, hidden=True),
        Column("request_id", "", (), lambda row: row.request_id, hidden=True),
        Column("object_kind", "", (), lambda row: row.object_kind, hidden=True),
        Column("object_id", "", (), lambda row: row.object_id, hidden=True),
        Column("connection_id", "", (), lambda row: row.connection_id, hidden=True),
        Column("target_id", "", (), lambda row: row.target_id, hidden=True),
        Column("before", "", (), lambda row: row.before, hidden=True),
        Column("after", "", (), lambda row: row.after, hidden=True),
    )
    viewer: Viewer

    def begin(self) -> None:
        """Find out what this person may see of the log."""
        super().begin()
        self.viewer = viewer_with(self.request.user, rights.VIEW_AUDIT)

    def get_rows(self) -> "QuerySet[Any]":
        """Return the entries in the person's places."""
        return audit_entries(self.viewer)

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Add what screens say of them."""
        return shown_entries(rows)

    def get_facts(self) -> Sequence[Fact]:
        """Say whose entries these are, where they are not all."""
        if self.viewer.sees_everything:
            return []
        return [Fact("Shown", "what was done in the organizations and accounts of your roles")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how the log stands, for those who see all of it."""
        whole = self.viewer.sees_everything
        return super().get_context_data(
            log=log_state(now=timezone.now()) if whole else None, **kwargs
        )


class AuditVerify(RightsView):
    """Has a worker verify the whole log."""

    required_right = rights.VIEW_AUDIT
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask for it, and lead back.

        :raises PermissionDenied: this person sees a part of the log only.
        """
        if not viewer_with(request.user, rights.VIEW_AUDIT).sees_everything:
            raise PermissionDenied("Verifying is for those who may read the whole audit log.")
        verification_request()
        messages.success(request, "Verification is queued. Its result shows here once it is done.")
        return HttpResponseRedirect(reverse("audit"))
