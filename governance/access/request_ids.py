"""Gives each request an id, by which its log lines and its entries in the audit log are found."""

import re
import uuid
from collections.abc import Callable
from typing import Final

import structlog
from django.http import HttpRequest, HttpResponseBase

from governance.access.refusals import log_refusal

HEADER: Final = "X-Request-ID"
_FIT: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIdMiddleware:
    """Takes the id that the proxy in front gave, or makes one, and sends it back.

    Outermost, so that whatever the others log has it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Wrap what answers."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with the id known to whatever logs meanwhile, and log who is refused."""
        given = request.headers.get(HEADER, "")
        request_id = given if _FIT.fullmatch(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]  # read by `actor_of`
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self._get_response(request)
            log_refusal(request, status=response.status_code)
        response.headers[HEADER] = request_id
        return response
