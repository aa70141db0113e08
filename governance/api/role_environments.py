"""/role-environments: what roles of one name may in sandbox, test and production, side by side."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.owners.environments import Environment
from governance.api.parts.endpoints import DetailEndpoint, OrganizationEndpoint
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of_list, page_request
from governance.api.parts.representations import Representation
from governance.posture.paths.environments import (
    RoleByEnvironment,
    role_by_environment,
    roles_by_environment,
    services_of,
)
from inventory.selectors.freshness import DECISION_TABLES

ENVIRONMENTS = [(one.value, one.value) for one in Environment]


class InEnvironmentRepresentation(serializers.Serializer[Any]):
    """The roles of one name in one environment."""

    environment = serializers.ChoiceField(choices=ENVIRONMENTS)
    accounts = serializers.IntegerField(help_text="How many accounts there have the role.")
    actions = serializers.IntegerField(help_text="How many actions their policies allow.")
    is_known = serializers.BooleanField(
        source="reach.is_known", help_text="Whether all of their policies were read."
    )


class RoleEnvironmentsRepresentation(Representation):
    """Roles of one name by environment, sandbox first."""

    name = serializers.CharField()
    environments = InEnvironmentRepresentation(many=True)
    compared_with = serializers.ChoiceField(
        choices=ENVIRONMENTS,
        allow_null=True,
        help_text="What production is compared with; null: there is nothing to compare.",
    )
    wider = serializers.IntegerField(
        help_text="Actions that production allows and `compared_with` does not."
    )
    broader = serializers.IntegerField(
        help_text="Actions that production allows everywhere, and `compared_with` on some "
        "resources or conditions only."
    )


class RoleEnvironmentsPageRepresentation(serializers.Serializer[Any]):
    """A page of role names, by name."""

    results = RoleEnvironmentsRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class ServiceReachRepresentation(serializers.Serializer[Any]):
    """One access level of a service."""

    service = serializers.CharField()
    level = serializers.CharField()
    actions = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many actions, by environment."
    )
    only_in_production = serializers.ListField(child=serializers.CharField())


class RoleServicesRepresentation(Representation):
    """Roles of one name by environment, service and access level."""

    name = serializers.CharField()
    compared_with = serializers.ChoiceField(choices=ENVIRONMENTS, allow_null=True)
    services = ServiceReachRepresentation(many=True)


class RoleEnvironmentsList(OrganizationEndpoint):
    """Every role name that is in two environments."""

    shows_tables = DECISION_TABLES
    topic = "Paths"
    rights = {"GET": rights.VIEW_TRUST}
    representation = RoleEnvironmentsRepresentation
    page_representation = RoleEnvironmentsPageRepresentation
    takes_as_of = True
    orderings = {"name": by("name")}
    usual_ordering = "name"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: str) -> Response:
        """List role names with what their policies allow by environment.

        What SCPs take away is not looked at: it is how wide a role is written.
        """
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        found = roles_by_environment(self.viewer, connection=self.connection, as_of=self.as_of)
        listed = sorted(found, key=lambda role: role.name)
        page = page_of_list(listed, asked, key=lambda role: [role.name])
        return self.respond_with(page, self.serialized(page.rows, many=True))


class RoleEnvironmentsDetail(DetailEndpoint):
    """One role name."""

    shows_tables = DECISION_TABLES
    topic = "Paths"
    rights = {"GET": rights.VIEW_TRUST}
    representation = RoleServicesRepresentation
    takes_as_of = True

    def get(self, request: Request, **kwargs: str) -> Response:
        """Get what roles of a name may by service and access level, and what only production may.

        `services` is empty where the environment of no account with the role is known.
        """
        name = kwargs["name"]
        role = role_by_environment(
            self.viewer, connection=self.connection, name=name, as_of=self.as_of
        )
        if role is None:
            raise self.missing(f"role {name}")
        return self.answer(self.serialized(_services(role)))


def _services(role: RoleByEnvironment) -> dict[str, Any]:
    names = [one.environment.value for one in role.environments]
    return {
        "name": role.name,
        "compared_with": role.compared_with,
        "services": [
            {
                "service": one.service,
                "level": one.level,
                "actions": dict(zip(names, one.actions, strict=True)),
                "only_in_production": list(one.only_in_production),
            }
            for one in services_of(role)
        ],
    }
