"""Addresses of the structure findings."""

from django.urls import URLPattern, path

from governance.web.findings.views import FindingPage, FindingsPage

finding_patterns: list[URLPattern] = [
    path("findings/", FindingsPage.as_view(), name="findings"),
    path("findings/<path:finding_key>/", FindingPage.as_view(), name="finding"),
]
