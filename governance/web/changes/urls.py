"""Addresses of change requests, under an organization. `new` is no request's number."""

from django.urls import URLPattern, path

from governance.web.changes.listing import ChangeQueue
from governance.web.changes.overview import ChangeOverview

_ONE = "changes/<int:number>"

change_patterns: list[URLPattern] = [
    path("changes/", ChangeQueue.as_view(), name="change-requests"),
    path(f"{_ONE}/", ChangeOverview.as_view(), name="change-request"),
]
