"""Notifications as a Django application."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Registers the kinds of events of the floor, and listens for what makes them happen."""

    name = "governance.notifications"
    label = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        """Declare the kinds and connect to the signals."""
        from governance.notifications import first_kinds

        first_kinds.register()
