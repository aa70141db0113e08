"""One IAM principal."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.urls import reverse

from governance.access import rights
from governance.web.pages import ConnectionPage, Crumb
from inventory.selectors.principals import PrincipalDetail, principal_detail


class PrincipalPage(ConnectionPage):
    """A user, group or role with every policy that bears on it."""

    required_right = rights.VIEW_INVENTORY
    section = "principals"
    template_name = "governance/principals/principal.html"
    detail: PrincipalDetail

    def begin(self) -> None:
        """Find the principal at the time looked at.

        :raises Http404: there was none with this ARN.
        """
        super().begin()
        arn = self.kwargs["arn"]
        found = principal_detail(self.viewer, connection=self.connection, arn=arn, as_of=self.as_of)
        if found is None:
            raise Http404(f"No account of {self.connection.name} has a principal {arn}.")
        self.detail = found

    def get_title(self) -> str:
        """Return the principal's name."""
        return self.detail.principal.name

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this principal."""
        href = reverse("principals", kwargs={"slug": self.connection.slug})
        return [Crumb("Principals", href), Crumb(self.get_title())]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the principal and its policies."""
        return super().get_context_data(
            detail=self.detail, principal=self.detail.principal, **kwargs
        )
