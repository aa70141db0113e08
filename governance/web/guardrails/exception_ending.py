"""Ending many exceptions at once."""

from collections.abc import Sequence
from typing import Any

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.approvals.agreements.changing import EDITABLE, CannotChangeAgreement, State
from governance.baseline.exceptions.deciding import exception_end, exception_withdraw
from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.exceptions.selectors import exceptions
from governance.web.guardrails.exceptions import ExceptionScreen
from governance.web.parts.bulk import BulkActPage, BulkDone, ChosenRow, ReasonForm
from governance.web.parts.markup import counted
from governance.web.parts.pages import Crumb


class ExceptionsEndPage(BulkActPage, ExceptionScreen):
    """Ends the chosen exceptions; those that are not active yet are withdrawn."""

    required_right = rights.VIEW_EXCEPTIONS
    verb = "End"
    noun = "exception,exceptions"
    effect = (
        "The guardrails hold there again. Exceptions that are not active yet are withdrawn. "
        "An ended exception cannot be reopened; ask for a new one."
    )
    form_class = ReasonForm
    refusals = (CannotChangeAgreement, MayNot)

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this act."""
        return self.below_tab("End")

    def back_href(self) -> str:
        """Return the list."""
        return self.href("exceptions")

    def chosen(self, keys: Sequence[str]) -> Sequence[ChosenRow]:
        """Return the exceptions; those that are over, or others' affair, stay."""
        titles = self.titles()
        rows = exceptions(self.viewer, connection=self.connection).filter(pk__in=keys)
        return [
            ChosenRow(
                str(row.pk),
                f"{row} {titles.get(row.guardrail_id, row.guardrail_id)}",
                ", ".join(self.target_names(row)[:3]),
                self.href("exception", exception_number=row.number),
                self._stays(row),
            )
            for row in rows.order_by("number")
        ]

    def _stays(self, row: GuardrailException) -> str:
        asks = self.may(rights.ASK_EXCEPTION, None)
        state = State(row.state)
        if state is State.ACTIVE:
            may = asks or self.may(rights.APPROVE_EXCEPTION, None)
        elif state in EDITABLE:
            may = asks or row.asked_by_id == self.person.pk
        else:
            return f"it is {row.get_state_display().lower()}"
        return "" if may else "you may neither ask for nor approve exceptions there"

    def act(self, keys: Sequence[str], given: dict[str, Any]) -> BulkDone:
        """End or withdraw each."""
        rows = exceptions(self.viewer, connection=self.connection).filter(pk__in=keys)
        for row in rows.order_by("pk"):
            end = exception_end if row.state == State.ACTIVE else exception_withdraw
            end(by=self.by, exception_id=row.pk, reason=given["reason"], now=self.now)
        return BulkDone(f"{counted(len(keys), self.noun)} ended.", self.back_href())
