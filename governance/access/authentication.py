"""Recognises programs by their tokens."""

from typing import Final

from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from governance.access.client_address import client_address
from governance.access.models import ApiToken
from governance.access.tokens import TOKEN_PREFIX, token_find

_SCHEME: Final = "bearer"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer ow_…` (RFC 6750). `request.auth` is the `ApiToken`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the token's person and the token; None where no bearer token was sent.

        :raises AuthenticationFailed: malformed, unknown, revoked, ended or sent from an address
            that it may not be used from; which, is not told.
        """
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != _SCHEME:
            return None
        token = token.strip()
        if not token.startswith(TOKEN_PREFIX):
            raise AuthenticationFailed(f"send the token as `Authorization: Bearer {TOKEN_PREFIX}…`")
        found = token_find(token=token, now=timezone.now(), address=client_address(request))
        if found is None:
            raise AuthenticationFailed("the token is unknown, revoked or has ended")
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401."""
        return 'Bearer realm="Orgwarden"'
