"""Exceptions as a Django application."""

from django.apps import AppConfig


class GuardrailExceptionsConfig(AppConfig):
    """Where a guardrail need not hold, why, and until when."""

    name = "governance.baseline.exceptions"
    label = "exceptions"
    verbose_name = "Exceptions"

    def ready(self) -> None:
        """Register who sees exceptions and who is notified, and what follows from their states."""
        from governance.baseline.exceptions import dispatch, notices, visibility

        visibility.register()
        notices.register()
        dispatch.register()
