"""Approvals as a Django application."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Reviews, and settings that change only with a second person."""

    name = "governance.approvals"
    label = "approvals"
    verbose_name = "Approvals"

    def ready(self) -> None:
        """Make known what approval rules hold."""
        from governance.approvals.forms import register_form
        from governance.approvals.rules import APPROVAL_RULES

        register_form(APPROVAL_RULES)
