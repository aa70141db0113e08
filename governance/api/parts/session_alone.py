"""Endpoints at which people agree themselves, whatever a token may do elsewhere."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from governance.api.parts.permissions import token_of
from governance.api.parts.problems import SESSION_ONLY, Problem


class BySessionAlone(BasePermission):
    """Refuses what comes with a token, whatever its scopes: people agree themselves."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether a person asks in a session of their own.

        :raises Problem: a token was sent.
        """
        if request.method not in {"GET", "HEAD"} and token_of(request) is not None:
            raise Problem(
                SESSION_ONLY,
                "a person does this in a session of their own; tokens may not approve",
                code="tokens-may-not-approve",
            )
        return True
