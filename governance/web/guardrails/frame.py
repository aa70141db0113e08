"""What the tabs of the Guardrails screen share."""

from collections.abc import Sequence
from typing import ClassVar, Final

from governance.access import rights
from governance.approvals.agreements.changing import State
from governance.approvals.agreements.selectors import agreement_counts
from governance.baseline.exceptions.kind import EXCEPTION
from governance.baseline.guardrails.matrix import matrix_columns
from governance.baseline.guardrails.mutating import protecting_nothing_count
from governance.baseline.structure.selectors import baseline_versions
from governance.web.parts.pages import ConnectionPage, Crumb, Tab
from inventory.viewing import sees_whole

# A tab whose address does not exist is left out.
TABS: Final = (
    ("matrix", "Matrix", "guardrails"),
    ("list", "Guardrails", "guardrail-list"),
    ("exceptions", "Exceptions", "exceptions"),
    ("baseline", "Baseline", "baseline"),
    ("mutation", "Mutation test", "mutation-test"),
)


class GuardrailScreen(ConnectionPage):
    """A tab of the Guardrails screen. `tab`: the key of the tab that is lit."""

    required_right = rights.VIEW_GUARDRAILS
    section = "guardrails"
    page_title = "Guardrails"
    tab: ClassVar[str] = ""

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the organization and this screen."""
        return [Crumb(self.connection.name), Crumb("Guardrails")]

    def below_tab(self, label: str) -> Sequence[Crumb]:
        """Return the way to a screen below the lit tab, by what it is called there."""
        tab, route = next((tab, route) for key, tab, route in TABS if key == self.tab)
        return [
            Crumb("Guardrails", self.href("guardrails")),
            Crumb(tab, self.href(route)),
            Crumb(label),
        ]

    def tab_counts(self) -> dict[str, int]:
        """Return by key how many guardrails are enabled and exceptions hold or wait.

        Of the baseline its versions; of the newest mutation test the statements that protect
        nothing.
        """
        counts = {"list": len(matrix_columns(self.connection, as_of=self.as_of))}
        if self.may(rights.VIEW_EXCEPTIONS, None):
            found = agreement_counts(EXCEPTION, self.viewer, connection=self.connection)
            counts["exceptions"] = found.get(State.ACTIVE, 0) + found.get(State.PROPOSED, 0)
        if self.may(rights.VIEW_BASELINE, None):
            counts["baseline"] = baseline_versions(self.viewer, connection=self.connection).count()
        protect_nothing = protecting_nothing_count(
            self.viewer, connection=self.connection, now=self.now
        )
        if protect_nothing is not None and sees_whole(self.viewer, self.connection):
            counts["mutation"] = protect_nothing
        return counts

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs."""
        counts = self.tab_counts()
        return [
            Tab(label, self.href(name), counts.get(key), key == self.tab)
            for key, label, name in TABS
        ]
