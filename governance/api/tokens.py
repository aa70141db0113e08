"""/tokens: what programs use the API with. No token makes, lists or ends tokens."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.models import ApiToken
from governance.access.tokens import token_revoke, tokens_of, tokens_of_everyone
from governance.access.viewers import holds
from governance.api.parts.endpoints import Endpoint
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.permissions import person_of, token_of
from governance.api.parts.problems import NOT_FOUND, Problem
from governance.api.parts.representations import Representation
from inventory.models import Connection

_TOPIC = "Tokens"


class TokenRepresentation(Representation):
    """A token."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
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
    last_used_at = serializers.DateTimeField(
        allow_null=True, help_text="To the minute; null: never used."
    )
    revoked_at = serializers.DateTimeField(allow_null=True, help_text="Null: not revoked.")

    @cached_property
    def _slugs(self) -> dict[int, str]:
        """The organizations' slugs, read once for all tokens of a page."""
        return dict(Connection.objects.values_list("pk", "slug"))

    @extend_schema_field({"type": "array", "items": {"type": "string"}, "nullable": True})
    def get_places(self, token: ApiToken) -> list[str] | None:
        """Return the places."""
        if token.places is None:
            return None
        slugs = self._slugs
        return [
            "/".join(filter(None, (slugs.get(connection_id), target_id)))
            for connection_id, target_id in token.places
            if connection_id in slugs
        ]

    def get_url(self, token: ApiToken) -> str:
        """Return the token's address."""
        address: str = reverse(
            "api:token", kwargs={"token_id": token.pk}, request=self.context["request"]
        )
        return address

    def get_rights(self, token: ApiToken) -> list[str]:
        """Return the rights that hold."""
        return [scope for scope in token.scopes if holds(token.user, scope, token=token)]


class TokenPageRepresentation(serializers.Serializer[Any]):
    """A page of tokens."""

    results = TokenRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class _Tokens(Endpoint):
    topic = _TOPIC
    representation = TokenRepresentation

    @cached_property
    def sees_all(self) -> bool:
        """Whether the tokens of other people are shown too."""
        return holds(self.request.user, rights.MANAGE_ALL_TOKENS, token=token_of(self.request))

    def rows(self) -> "QuerySet[ApiToken]":
        """Return the tokens that the asker may see: all, or their own."""
        return tokens_of_everyone() if self.sees_all else tokens_of(person_of(self.request))


class TokenList(_Tokens):
    """The tokens."""

    rights = {"GET": rights.MANAGE_OWN_TOKENS}
    page_representation = TokenPageRepresentation
    own_parameters = (
        OpenApiParameter("person", OpenApiTypes.STR, description="Of the person of this username."),
    )
    orderings = {"created_at": by("created_at", "id"), "expires_at": by("expires_at", "id")}
    usual_ordering = "-created_at"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request) -> Response:
        """List tokens, those that have ended too: your own, or as an administrator everyone's."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        rows, person = self.rows(), request.query_params.get("person", "")
        page = page_of(rows.filter(user__username=person) if person else rows, asked)
        return self.respond_with(page, self.serialized(page.rows, many=True))


class TokenDetail(_Tokens):
    """One token."""

    rights = {"GET": rights.MANAGE_OWN_TOKENS, "DELETE": rights.MANAGE_OWN_TOKENS}
    answers = {204: OpenApiResponse(description="Revoked.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one token: your own, or as an administrator anyone's."""
        row = self.rows().filter(pk=kwargs["token_id"]).first()
        if row is None:
            raise Problem(NOT_FOUND, f"there is no token {kwargs['token_id']} that you may see")
        return self.answer(self.serialized(row))

    def delete(self, request: Request, /, **kwargs: Any) -> Response:
        """Revoke a token: your own, or as an administrator anyone's. It stays in the list.

        `If-Match: *` revokes it whatever was done with it in between.
        """
        token_revoke(
            actor=actor_of(request),
            token_id=kwargs["token_id"],
            may_revoke_all=self.sees_all,
            now=self.now,
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class TokenSelf(Endpoint):
    """The token of this request."""

    topic = _TOPIC
    rights = {"GET": rights.SIGNED_IN}
    representation = TokenRepresentation

    def get(self, request: Request) -> Response:
        """Return what the token of this request may do and until when."""
        token = token_of(request)
        if token is None:
            raise Problem(NOT_FOUND, "this request came from a signed-in person, not with a token")
        return self.answer(self.serialized(token))
