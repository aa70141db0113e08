"""Every endpoint names the right that each of its methods needs."""

from typing import Any

from django.contrib.auth.models import User
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from governance.access.models import ApiToken
from governance.access.rights import SIGNED_IN
from governance.access.viewers import holds


def token_of(request: Request) -> ApiToken | None:
    """Return the token that a request came with, None for a signed-in person."""
    return request.auth if isinstance(request.auth, ApiToken) else None


def person_of(request: Request) -> User:
    """Return who asks, themselves or by their token.

    :raises NotAuthenticated: nobody known.
    """
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


class HasRight(BasePermission):
    """Lets a request pass whose person, and token, hold the right that the view names."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether they do. A method that the view lacks passes, to be answered with 405."""
        method = "GET" if request.method == "HEAD" else request.method or ""
        if not request.user or not request.user.is_authenticated:
            return False
        right = view.rights.get(method)
        if right is None:
            return method not in view.allowed_methods
        if right == SIGNED_IN:
            return True
        self.message = f"this needs the right {right}"
        token = token_of(request)
        if token is not None and holds(request.user, right):
            self.message += ", which you hold and the token does not"
        return holds(request.user, right, token=token)
