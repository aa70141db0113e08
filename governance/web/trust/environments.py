"""Roles of one name by environment: how wide each is written, and where production is wider."""

from collections.abc import Sequence
from typing import Any, Final

from django.http import Http404
from django.urls import reverse

from governance.access import rights
from governance.posture.paths.environments import (
    COMPARED,
    RoleByEnvironment,
    role_by_environment,
    roles_by_environment,
    services_of,
)
from governance.web.parts.pages import Crumb
from governance.web.trust.frame import TrustPage
from inventory.selectors.freshness import DECISION_TABLES

_SHOWN: Final = 200
_ACTIONS_SHOWN: Final = 12


class RoleEnvironmentsPage(TrustPage):
    """Every role name that is in two environments, the widest in production first."""

    required_right = rights.VIEW_TRUST
    template_name = "governance/trust/role_environments.html"
    tab = "paths"
    shows_tables = DECISION_TABLES

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the roles with a column an environment."""
        found = roles_by_environment(self.viewer, connection=self.connection, as_of=self.as_of)
        words = self.request.GET.get("q", "").strip().lower()
        chosen = [role for role in found if words in role.name.lower()]
        return super().get_context_data(
            environments=[one.value.capitalize() for one in COMPARED],
            roles=[
                (role, [(one.value.capitalize(), role.in_environment(one)) for one in COMPARED])
                for role in chosen[:_SHOWN]
            ],
            total=len(chosen),
            wider=sum(1 for role in found if role.is_wider),
            words=self.request.GET.get("q", ""),
            as_of_query=self.as_of_query,
            **kwargs,
        )


class RoleServicesPage(TrustPage):
    """One role name by service and access level."""

    required_right = rights.VIEW_TRUST
    template_name = "governance/trust/role_services.html"
    tab = "paths"
    shows_tables = DECISION_TABLES

    def _role(self) -> RoleByEnvironment:
        name = self.kwargs["name"]
        role = role_by_environment(
            self.viewer, connection=self.connection, name=name, as_of=self.as_of
        )
        if role is None:
            raise Http404(f"No account has a role {name} at that time.")
        return role

    def get_title(self) -> str:
        """Return the role's name."""
        return str(self.kwargs["name"])

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the way here."""
        href = reverse("trust-role-environments", kwargs={"slug": self.connection.slug})
        return [
            Crumb(self.connection.name),
            Crumb("Trust", self.href("trust") + self.as_of_query),
            Crumb("Roles by environment", href + self.as_of_query),
            Crumb(self.get_title()),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a row a service and access level."""
        role = self._role()
        rows = [
            (one, one.only_in_production[:_ACTIONS_SHOWN], len(one.only_in_production))
            for one in services_of(role)
        ]
        return super().get_context_data(role=role, rows=rows, **kwargs)
