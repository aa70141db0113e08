"""Drift as a Django application."""

from django.apps import AppConfig


class DriftConfig(AppConfig):
    """What differs from what was agreed."""

    name = "governance.drift"
    label = "drift"
    verbose_name = "Drift"

    def ready(self) -> None:
        """Say who sees what, and find drift when a run has read the organization."""
        from governance.drift import dispatch, logged_events, visibility

        visibility.register()
        dispatch.register()
        logged_events.register()
