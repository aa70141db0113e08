"""Addresses of Who can, under an organization."""

from django.urls import URLPattern, path

from governance.web.who_can.views import WhoCanHow, WhoCanPage, WhoCanProgress

who_can_patterns: list[URLPattern] = [
    path("who-can/", WhoCanPage.as_view(), name="who-can"),
    path("who-can/how/", WhoCanHow.as_view(), name="who-can-how"),
    path("who-can/progress/", WhoCanProgress.as_view(), name="who-can-progress"),
]
