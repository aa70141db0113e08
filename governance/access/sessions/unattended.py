"""Keeps what a page asks by itself from counting as use of a session."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponseBase

HEADER: Final = "Orgwarden-Unattended"
"""Sent with what a page asks without anyone doing anything, such as the bell's number."""


class UnattendedMiddleware:
    """Has a session go idle although its page asks for news: nobody may sit before it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        if HEADER in request.headers:
            request.session.is_unattended = True  # type: ignore[attr-defined]  # SessionStore's
        return self.get_response(request)
