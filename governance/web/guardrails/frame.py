"""What the tabs of the Guardrails screen share."""

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar, Final

from django.contrib.auth.models import User
from django.urls import NoReverseMatch, reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.owners.acting import ActingPerson
from governance.web.parts.pages import ConnectionPage, Crumb, Tab
from governance.web.parts.people import person_of

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

    @cached_property
    def by(self) -> ActingPerson:
        """Who looks, as whoever changes something."""
        return ActingPerson(self.person, actor_of(self.request))

    @property
    def person(self) -> User:
        """Who looks, as a person."""
        return person_of(self.request)

    @property
    def as_of_query(self) -> str:
        """What addresses keep of the time: `?as_of=…`, or empty."""
        return f"?as_of={self.as_of.isoformat().replace('+00:00', 'Z')}" if self.as_of else ""

    def href(self, name: str, **kwargs: object) -> str:
        """Return the address of a screen of this organization."""
        return reverse(name, kwargs={"slug": self.connection.slug, **kwargs})

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
