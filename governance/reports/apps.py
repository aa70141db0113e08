"""Reports as a Django application."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Reports of subtrees."""

    name = "governance.reports"
    label = "reports"
    verbose_name = "Reports"
