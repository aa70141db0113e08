"""Access as a Django application."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """People, their roles and rights, and the tokens of programs."""

    name = "governance.access"
    label = "access"
    verbose_name = "Access"

    def ready(self) -> None:
        """Have profiles made with users, and sign-ins noted."""
        from governance.access import people_signals
        from governance.access.sign_in import receivers

        people_signals.connect()
        receivers.connect()
