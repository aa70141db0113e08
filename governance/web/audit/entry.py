"""One entry of the audit log, what it changed, and its proof."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.urls import reverse

from governance.access import rights
from governance.access.viewers import viewer_with
from governance.audit.actions import label_of
from governance.audit.proofs import EntryProof, NotProvable, entry_proof, proof_document
from governance.audit.selectors import audit_entries, object_entries
from governance.web.audit.wording import ShownEntry, field_changes, shown_entries
from governance.web.parts.pages import Crumb, Page
from governance.web.parts.rights_view import RightsView
from inventory.viewing import Viewer

_MOST_OF_OBJECT = 10


class _OfEntry(RightsView):
    """What is about one entry."""

    required_right = rights.VIEW_AUDIT
    viewer: Viewer

    def begin(self) -> None:
        """Find out what this person may see of the log."""
        super().begin()
        self.viewer = viewer_with(self.request.user, rights.VIEW_AUDIT)

    @cached_property
    def entry(self) -> ShownEntry:
        """The entry.

        :raises Http404: there is none, or not in this person's places.
        """
        found = audit_entries(self.viewer).filter(pk=self.kwargs["entry_id"]).first()
        if found is None:
            raise Http404(f"There is no entry {self.kwargs['entry_id']} that you may see.")
        return shown_entries([found])[0]


class AuditEntryPage(_OfEntry, Page):
    """Who did it, from where, what it changed, and whether the log proves it."""

    section = "audit"
    template_name = "governance/audit/entry.html"

    def get_title(self) -> str:
        """Return what was done, and to what."""
        name = self.entry.object_name or self.entry.object_id
        return f"{label_of(self.entry.action)}: {name}"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this entry."""
        return [Crumb("Audit", reverse("audit")), Crumb(f"Entry {self.entry.pk}")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what changed, the proof, and what else was done to the object."""
        others = object_entries(
            self.viewer,
            object_kind=self.entry.object_kind,
            object_id=self.entry.object_id,
            connection_id=self.entry.connection_id,
        ).exclude(pk=self.entry.pk)
        proof, why_not = self._proof()
        return super().get_context_data(
            entry=self.entry,
            changes=field_changes(self.entry.entry),
            proof=proof,
            why_not_proven=why_not,
            others=shown_entries(others.order_by("-pk")[:_MOST_OF_OBJECT]),
            **kwargs,
        )

    def _proof(self) -> tuple[EntryProof | None, str]:
        try:
            return entry_proof(self.entry.entry), ""
        except NotProvable as error:
            text = str(error)
            return None, f"{text[:1].upper()}{text[1:]}."


class AuditProof(_OfEntry):
    """The proof of an entry as a file for `docs/verify_audit.py`."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send it.

        :raises Http404: nothing proves it yet.
        """
        try:
            document = proof_document(entry_proof(self.entry.entry))
        except NotProvable as error:
            raise Http404(str(error)) from None
        answer = JsonResponse(document)
        name = f"audit-entry-{self.entry.pk}-proof.json"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
