"""Findings inbox as a Django application."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """Findings of structure, trust, guardrails, drift and detections: one list with one life."""

    name = "governance.inbox"
    label = "inbox"
    verbose_name = "Findings inbox"

    def ready(self) -> None:
        """Say who sees what, make limits a setting, and refresh when something was found again."""
        from governance.approvals.forms import register_form
        from governance.inbox import detection_notices, dispatch, tickets, visibility
        from governance.inbox.limits import FINDING_LIMITS

        visibility.register()
        register_form(FINDING_LIMITS)
        tickets.register()
        detection_notices.register()
        dispatch.register()
