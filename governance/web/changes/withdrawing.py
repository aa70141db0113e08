"""Withdrawing many change requests at once."""

from collections.abc import Sequence
from typing import Any

from django import forms

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.changes.life.selectors import change_requests
from governance.changes.life.submitting import change_withdraw
from governance.changes.life.transitions import CannotChangeRequest
from governance.changes.models import ChangeRequest
from governance.web.changes.acting import WITHDRAWABLE, may_withdraw
from governance.web.changes.frame import request_href, request_label
from governance.web.changes.listing import queue_crumbs
from governance.web.parts.bulk import BulkActPage, BulkDone, ChosenRow
from governance.web.parts.markup import counted
from governance.web.parts.pages import ConnectionPage, Crumb


class WithdrawForm(forms.Form):
    """Why they are withdrawn, where that is worth saying."""

    reason = forms.CharField(
        max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class ChangesWithdrawPage(BulkActPage, ConnectionPage):
    """Withdraws the chosen change requests: one's own, or anybody's for security."""

    required_right = rights.VIEW_CHANGES
    section = "changes"
    verb = "Withdraw"
    noun = "request,requests"
    effect = (
        "This can't be undone. Nothing in AWS changes. Comments and reviews are kept, and "
        "approvals given no longer count."
    )
    form_class = WithdrawForm
    refusals = (CannotChangeRequest, MayNot)

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the queue and this act."""
        return [*queue_crumbs(self.connection.slug), Crumb(self.verb)]

    def back_href(self) -> str:
        """Return the queue."""
        return self.href("change-requests")

    def chosen(self, keys: Sequence[str]) -> Sequence[ChosenRow]:
        """Return the requests; others' stay, and those that are being applied or closed."""
        rows = change_requests(self.viewer, connection=self.connection).filter(pk__in=keys)
        return [
            ChosenRow(
                str(row.pk),
                f"{request_label(row.number)} {row.title}",
                row.get_state_display(),
                request_href(self.connection.slug, row.number),
                self._stays(row),
            )
            for row in rows.order_by("number")
        ]

    def _stays(self, row: ChangeRequest) -> str:
        if row.state not in WITHDRAWABLE:
            return f"it is {row.get_state_display().lower()}"
        if not may_withdraw(self.by, row):
            return "only its author and security can withdraw it"
        return ""

    def act(self, keys: Sequence[str], given: dict[str, Any]) -> BulkDone:
        """Withdraw each."""
        for key in sorted(keys, key=int):
            change_withdraw(
                by=self.by, change_request_id=int(key), reason=given["reason"].strip(), now=self.now
            )
        return BulkDone(f"{counted(len(keys), self.noun)} withdrawn.", self.back_href())
