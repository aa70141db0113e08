"""Answers requests that no view answers: with a problem below /api/, with a page elsewhere."""

import sys
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views import defaults
from redis.exceptions import RedisError

from governance.api.parts import problems
from governance.web import errors as pages

_API: Final = "/api/"
# SQLSTATE of a PostgreSQL that is not reached, or that stops or starts, by its beginning.
_AWAY: Final = ("08", "57P")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 below /api/ where it is the size."""
    if request.path.startswith(_API):
        if isinstance(exception, RequestDataTooBig):
            return problems.too_large(request)
        return problems.bad_request(request)
    return pages.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    if request.path.startswith(_API):
        return problems.forbidden(request)
    return pages.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    if request.path.startswith(_API):
        return problems.not_found(request)
    return pages.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the database or Valkey does not answer."""
    what = _away(sys.exc_info()[1])
    if request.path.startswith(_API):
        return problems.unavailable(request, what) if what else problems.server_error(request)
    return pages.unavailable(what) if what else defaults.server_error(request)


def _away(error: BaseException | None) -> str:
    """Return what a request failed without, in words; empty: it was not that."""
    if isinstance(error, RedisError):
        return "Valkey"
    if isinstance(error, OperationalError | InterfaceError):
        state = getattr(error.__cause__, "pgcode", None)
        if state is None or state.startswith(_AWAY):
            return "The database"
    return ""
