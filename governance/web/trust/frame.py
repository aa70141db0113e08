"""What the tabs of the Trust screen share: title with counts, tabs, and what is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from django.urls import NoReverseMatch, reverse

from governance.access import rights
from governance.web.parts.pages import ConnectionPage, Crumb, Tab
from governance.web.trust.tab_counts import tab_counts
from inventory.selectors.freshness import TRUST_TABLES


@dataclass(frozen=True, slots=True)
class TrustTab:
    """A tab of the Trust screen. `key`: what a page names in `tab`."""

    key: str
    label: str
    url_name: str


# A tab whose address does not exist is left out.
TABS: Final = (
    TrustTab("crossings", "Crossings", "trust"),
    TrustTab("explorer", "Explorer", "trust-explorer"),
    TrustTab("external_parties", "External parties", "external-parties"),
    TrustTab("paths", "Paths", "trust-paths"),
    TrustTab("contracts", "Contracts", "contracts"),
    TrustTab("within", "Within accounts", "trust-within-accounts"),
)


class TrustPage(ConnectionPage):
    """A tab of the Trust screen. `tab`: the key of the tab that is lit, of those in `TABS`.

    Templates extend `governance/trust/frame.html`.
    """

    required_right = rights.VIEW_TRUST
    section = "trust"
    page_title = "Trust"
    shows_tables: ClassVar[tuple[str, ...]] = TRUST_TABLES
    tab: ClassVar[str] = ""

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the organization and this screen."""
        return [Crumb(self.connection.name), Crumb("Trust")]

    def tab_counts(self) -> dict[str, int]:
        """Return the counts that the tabs show, by key; each is worked out once for each state.

        Of an organization whose graph is not built yet the paths are not counted.
        """
        return tab_counts(self)

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs that exist."""
        counts = self.tab_counts()
        found = []
        for one in TABS:
            try:
                href = reverse(one.url_name, kwargs={"slug": self.connection.slug})
            except NoReverseMatch:
                continue
            href += self.as_of_query
            found.append(Tab(one.label, href, counts.get(one.key), one.key == self.tab))
        return found
