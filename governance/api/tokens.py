"""/tokens/self: what the token of a request may do. No token makes or ends tokens."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.viewers import holds
from governance.api.parts.endpoints import Endpoint
from governance.api.parts.permissions import token_of
from governance.api.parts.problems import NOT_FOUND, Problem
from governance.api.parts.representations import Representation
from inventory.models import Connection


class TokenRepresentation(Representation):
    """A token."""

    name = serializers.CharField(help_text="What uses it.")
    prefix = serializers.CharField(help_text="Its first characters.")
    person = serializers.CharField(source="user.username")
    scopes = serializers.ListField(
        child=serializers.CharField(), help_text="The rights that it was given."
    )
    rights = serializers.SerializerMethodField(
        help_text="Those of its scopes that its person still holds: what it may do."
    )
    places = serializers.SerializerMethodField(
        help_text="What it is limited to: an organization's slug, with the OU or account in it "
        "after a slash. Null: wherever its person holds the rights."
    )
    address_ranges = serializers.ListField(
        child=serializers.CharField(),
        help_text="Where it may be used from, in CIDR; none: anywhere.",
    )
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()

    @extend_schema_field({"type": "array", "items": {"type": "string"}, "nullable": True})
    def get_places(self, token: Any) -> list[str] | None:
        """Return the places."""
        if token.places is None:
            return None
        slugs = dict(Connection.objects.values_list("pk", "slug"))
        return [
            "/".join(filter(None, (slugs.get(connection_id), target_id)))
            for connection_id, target_id in token.places
            if connection_id in slugs
        ]

    def get_rights(self, token: Any) -> list[str]:
        """Return the rights that hold."""
        return [scope for scope in token.scopes if holds(token.user, scope, token=token)]


class TokenSelf(Endpoint):
    """The token of this request."""

    topic = "Tokens"
    rights = {"GET": rights.SIGNED_IN}
    representation = TokenRepresentation

    def get(self, request: Request) -> Response:
        """Tell what the token of this request may do and until when."""
        token = token_of(request)
        if token is None:
            raise Problem(NOT_FOUND, "this request came from a signed-in person, not with a token")
        return self.answer(self.serialized(token))
