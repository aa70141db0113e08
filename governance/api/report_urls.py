"""Addresses of reports, below an organization's."""

from django.urls import URLPattern, path

from governance.api import reports

_ONE = "/reports/<uuid:job_id>"
REPORTS: list[URLPattern] = [
    path("/reports", reports.ReportList.as_view(), name="reports"),
    path(_ONE, reports.ReportDetail.as_view(), name="report"),
    path(f"{_ONE}/oscal", reports.ReportOscal.as_view(), name="report-oscal"),
]
