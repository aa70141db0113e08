"""Addresses of log sources, under an organization."""

from django.urls import URLPattern, path

from governance.api.log_sources import (
    LogSourceDetail,
    LogSourceHealth,
    LogSourceList,
    LogSourceProposals,
)

LOG_SOURCES: list[URLPattern] = [
    path("/log-sources", LogSourceList.as_view(), name="log-sources"),
    path("/log-sources/proposals", LogSourceProposals.as_view(), name="log-source-proposals"),
    path("/log-sources/health", LogSourceHealth.as_view(), name="log-source-health"),
    path("/log-sources/<int:log_source_id>", LogSourceDetail.as_view(), name="log-source"),
]
