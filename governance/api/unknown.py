"""Addresses that no endpoint has."""

from typing import Any

from rest_framework.request import Request
from rest_framework.views import APIView

from governance.access.rights import SIGNED_IN
from governance.api.parts.problems import NOT_FOUND, Problem

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class UnknownAddress(APIView):
    """Answers every other address below /api/ with a problem, whatever the method."""

    http_method_names = ["head", *(method.lower() for method in METHODS)]
    rights = dict.fromkeys(METHODS, SIGNED_IN)

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """Say that nothing is here."""
        raise Problem(NOT_FOUND, f"there is no address {request.path}; /api/v1/docs/ lists all")

    post = put = patch = delete = http_method_not_allowed = get
