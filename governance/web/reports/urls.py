"""Addresses of reports, under an organization."""

from django.urls import URLPattern, path

from governance.web.reports.listing import ReportsPage
from governance.web.reports.report import ReportPage

report_patterns: list[URLPattern] = [
    path("reports/", ReportsPage.as_view(), name="reports"),
    path("reports/<uuid:job_id>/", ReportPage.as_view(), name="report"),
]
