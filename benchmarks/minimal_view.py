"""A Django project of one view with a fixed page: what two processes can serve at most.

`benchmarks.load` serves it beside Orgwarden, by the same server with the same processes.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse  # noqa: TID251
from django.urls import path

# As long as an ordinary page of Orgwarden.
_PAGE: Final = b"<!doctype html><title>Minimal</title>" + b"<p>One line of a page.</p>" * 1_500


def page(request: HttpRequest) -> HttpResponse:
    """Answer with the same bytes every time."""
    return HttpResponse(_PAGE)


urlpatterns = [path("", page)]

if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[],
        SECRET_KEY="protects nothing",  # noqa: S106
    )
application = get_wsgi_application()
