"""Addresses of CloudTrail's logs, under an organization."""

from django.urls import URLPattern, path

from governance.web.logs.views import LogSourceAdd, LogSourceSwitch, LogsPage

log_patterns: list[URLPattern] = [
    path("logs/", LogsPage.as_view(), name="log-sources"),
    path("logs/add/", LogSourceAdd.as_view(), name="log-source-add"),
    path("logs/<int:log_source_id>/switch/", LogSourceSwitch.as_view(), name="log-source-switch"),
]
