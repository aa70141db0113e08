"""Approvals as a Django application."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Reviews, and settings that change only with a second person."""

    name = "governance.approvals"
    label = "approvals"
    verbose_name = "Approvals"
