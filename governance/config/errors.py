"""Answers requests that no view answers: with a problem below /api/, with a page elsewhere."""

from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views import defaults

from governance.api.parts import problems
from governance.web import errors as pages

_API: Final = "/api/"


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
    """500."""
    if request.path.startswith(_API):
        return problems.server_error(request)
    return defaults.server_error(request)
