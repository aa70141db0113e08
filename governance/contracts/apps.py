"""Contracts as a Django application."""

from django.apps import AppConfig


class ContractsConfig(AppConfig):
    """Which crossings are meant."""

    name = "governance.contracts"
    label = "contracts"
    verbose_name = "Contracts"

    def ready(self) -> None:
        """Register who sees contracts and who is notified, and what follows from their states."""
        from governance.contracts import dispatch, findings, notices, visibility

        visibility.register()
        notices.register()
        findings.register()
        dispatch.register()
