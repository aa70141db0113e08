"""What the tabs of the landing zone share."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, Final

from django.core.paginator import Paginator

from governance.access import rights
from governance.baseline.landing_zone.control_tower import control_tower_status
from governance.baseline.landing_zone.tower_facts import ControlTowerStatus
from governance.web.parts.lists import page_address
from governance.web.parts.pages import ConnectionPage, Crumb, Tab
from governance.web.parts.targets import page_href
from inventory.models import OrganizationalUnit
from inventory.selectors.delegation import root
from inventory.selectors.hierarchy import organizational_units

TABS: Final = (
    ("overview", "Overview", "landing-zone"),
    ("controls", "Controls", "landing-zone-controls"),
    ("enforcement", "Enforcement", "landing-zone-enforcement"),
    ("logging", "Logging", "landing-zone-logging"),
)
PAGE_SIZE: Final = 50


class LandingZoneScreen(ConnectionPage):
    """A tab of the landing zone. `tab`: the key of the tab that is lit."""

    required_right = rights.VIEW_LANDING_ZONE
    section = "landing-zone"
    page_title = "Landing zone"
    shows_tables: ClassVar[tuple[str, ...]] = (
        *("ServiceConfiguration", "Account"),
        *("DelegatedAdministrator", "PolicyAttachment"),
    )
    tab: ClassVar[str] = ""

    @property
    def asked(self) -> dict[str, Any]:
        """What every selector of the landing zone is asked with."""
        return {"connection": self.connection, "now": self.now, "as_of": self.as_of}

    @cached_property
    def tower(self) -> ControlTowerStatus:
        """Control Tower as this person sees it."""
        return control_tower_status(self.viewer, **self.asked)

    @cached_property
    def units(self) -> dict[str, OrganizationalUnit]:
        """The OUs that this person may see, by id."""
        found = organizational_units(self.viewer, connection=self.connection, as_of=self.as_of)
        return {row.target_id: row for row in found}

    @cached_property
    def root_id(self) -> str:
        """The root's id; empty where it is not known or not seen."""
        found = root(self.viewer, connection=self.connection, as_of=self.as_of)
        return found.target_id if found else ""

    def target_href(self, target_id: str) -> str:
        """Return the page of an account, OU or root; empty for the organization itself."""
        if not target_id:
            return ""
        return page_href(self.connection.slug, target_id) + self.as_of_query

    def unit_name(self, target_id: str) -> str:
        """Return the names of an OU and those above it that are seen; the root's for the root."""
        names: list[str] = []
        at = target_id
        while at in self.units:
            names.insert(0, self.units[at].name)
            at = self.units[at].parent_id
        return " / ".join(names) or ("Root" if target_id == self.root_id else target_id)

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the organization and this screen."""
        return [Crumb(self.connection.name), Crumb(self.page_title)]

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs; the time looked at stays."""
        return [
            Tab(label, self.href(name) + self.as_of_query, None, key == self.tab)
            for key, label, name in TABS
        ]

    def paged(self, found: Sequence[Any]) -> dict[str, Any]:
        """Return one page of rows with the addresses of those beside it."""
        query = self.request.GET
        page: Any = Paginator(found, PAGE_SIZE).get_page(query.get("page"))
        return {
            "rows": page,
            "previous_href": page_address(query, page.number - 1) if page.has_previous() else "",
            "next_href": page_address(query, page.number + 1) if page.has_next() else "",
        }
