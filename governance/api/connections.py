"""/connections: how organizations are reached."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.api.parts.endpoints import DetailEndpoint, Endpoint
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.representations import Representation
from governance.collection.connections import connection_warnings
from inventory.models import Connection
from inventory.selectors.connections import connections


class ConnectionRepresentation(Representation):
    """How one organization is reached. The ExternalId is kept to the screens."""

    slug = serializers.CharField(help_text="Names the organization in addresses.")
    url = serializers.SerializerMethodField()
    name = serializers.CharField()
    enabled = serializers.BooleanField()
    schedule_minutes = serializers.IntegerField(help_text="0: no schedule.")
    organization_role_arn = serializers.CharField()
    audit_role_name = serializers.CharField()
    apply_role_arn = serializers.SerializerMethodField(
        help_text="Null: Orgwarden makes no changes in this organization."
    )
    has_external_id = serializers.SerializerMethodField()
    home_region = serializers.CharField()
    regions = serializers.ListField(child=serializers.CharField())
    endpoint_url = serializers.SerializerMethodField(help_text="Null: AWS itself.")
    created_at = serializers.DateTimeField()
    warnings = serializers.SerializerMethodField(help_text="Warnings about the settings.")

    def get_url(self, connection: Connection) -> str:
        """Return the connection's address."""
        return reverse(
            "api:connection", kwargs={"slug": connection.slug}, request=self.context["request"]
        )

    def get_has_external_id(self, connection: Connection) -> bool:
        """Return whether one is sent."""
        return bool(connection.external_id)

    def get_apply_role_arn(self, connection: Connection) -> str | None:
        """Return the role that changes are applied with."""
        return connection.apply_role_arn or None

    def get_warnings(self, connection: Connection) -> list[str]:
        """Return what is unwise."""
        return connection_warnings(connection)

    def get_endpoint_url(self, connection: Connection) -> str | None:
        """Return the address that stands in AWS's place."""
        return connection.endpoint_url or None


class ConnectionPageRepresentation(Representation):
    """A page of connections."""

    results = ConnectionRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class ConnectionList(Endpoint):
    """The connections."""

    topic = "Connections"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = ConnectionRepresentation
    page_representation = ConnectionPageRepresentation
    orderings = {"name": by("name", "slug"), "slug": by("slug")}
    usual_ordering = "name"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request) -> Response:
        """List the connections."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        page = page_of(connections(self.viewer), asked)
        return self.respond_with(page, self.serialized(page.rows, many=True))


class ConnectionDetail(DetailEndpoint):
    """One connection."""

    topic = "Connections"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = ConnectionRepresentation
    takes_as_of = False

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Return how one organization is reached."""
        return self.answer(self.serialized(self.connection))
