"""Has pages show times in the time zone and form that the person chose."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from governance.web.parts.ages import write_dates_as


class PreferencesMiddleware:
    """Sets time zone and date format for one request, and back to the usual ones after it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request; the next one in this thread may be somebody else's."""
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()
            write_dates_as("")

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> None:
        """Choose them once the view is known: one for everybody does not ask who somebody is."""
        if not getattr(view_func, "login_required", True):
            return
        if isinstance(request.user, User):
            timezone.activate(ZoneInfo(request.user.profile.time_zone))
            write_dates_as(request.user.profile.date_format)
