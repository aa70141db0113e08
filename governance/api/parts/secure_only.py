"""Refuses requests to the API that came over plain HTTP, in production."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from governance.api.parts.problems import NOT_SECURE, problem_response


class SecureOnlyMiddleware:
    """Answers them with a problem instead of leading them to HTTPS.

    A program that is led on works, and nobody notices that it sends its token in plain text.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Refuse, or answer."""
        if request.path.startswith("/api/") and not request.is_secure():
            return problem_response(
                request,
                NOT_SECURE,
                "use https; a token that was sent in plain text counts as known, so revoke it",
            )
        return self.get_response(request)
