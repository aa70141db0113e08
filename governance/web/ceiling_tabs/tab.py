"""What the parts of the tabs Ceiling and Differences share, for accounts and for OUs."""

from typing import Any

from governance.posture.state.organization import SCP
from governance.web.accounts.account import AccountPage
from governance.web.accounts.unit import UnitFrame
from governance.web.ceilings.reading import CeilingPage
from governance.web.parts.exports import Exporting
from governance.web.parts.filters import address


class CeilingTab(Exporting, CeilingPage):
    """What the parts of the tab share. htmx gets the part alone."""

    tab = "ceiling"
    part_template: str

    def get_template_names(self) -> list[str]:
        """Return the part's template for htmx, the page's otherwise."""
        htmx: Any = getattr(self.request, "htmx", None)
        if htmx and htmx.target == "ceiling":
            return ["governance/ceilings/part.html"]
        return super().get_template_names()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the parts show alike."""
        query = self.request.GET
        return super().get_context_data(
            part_template=self.part_template,
            assuming=self.assuming(),
            not_measured=self.not_measured(),
            types=self.type_links(),
            type_words=self.type_words,
            ceiling=self.ceilings.of(self.target_id),
            services_href=self.part_address("ceiling"),
            csv_href=address(query, format="csv"),
            json_href=address(query, format="json"),
            **kwargs,
        )

    def is_beyond(self, service: str) -> bool:
        """Whether policies of the type never limit a service."""
        return not self.ceilings.scope & self.ceilings.catalogue.service_bits(service)

    def file_name(self, part: str) -> str:
        """Return the name of a file without its ending."""
        code = "" if self.policy_type is SCP else f"-{self.type_words.code.lower()}"
        return f"{self.connection.slug}-{self.target_id}{code}-{part}"


class AccountCeilingTab(CeilingPage, AccountPage):
    """The account's side of the tab."""

    template_name = "governance/ceilings/account_page.html"
    route = "account"
    id_argument = "account_id"


class UnitCeilingTab(CeilingPage, UnitFrame):
    """The OU's side of the tab."""

    template_name = "governance/ceilings/unit_page.html"
    route = "organizational-unit"
    id_argument = "target_id"
