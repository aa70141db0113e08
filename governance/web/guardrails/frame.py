"""What the tabs of the Guardrails screen share."""

from collections.abc import Sequence
from typing import ClassVar, Final

from django.urls import NoReverseMatch

from governance.access import rights
from governance.web.parts.pages import ConnectionPage, Crumb, Tab

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

    def tab_counts(self) -> dict[str, int]:
        """Return the counts that the tabs show, by key."""
        return {}

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs that exist."""
        counts = self.tab_counts()
        found = []
        for key, label, name in TABS:
            try:
                href = self.href(name)
            except NoReverseMatch:
                continue
            found.append(Tab(label, href, counts.get(key), key == self.tab))
        return found
