"""Contracts as a Django application."""

from django.apps import AppConfig


class ContractsConfig(AppConfig):
    """Which crossings are meant."""

    name = "governance.contracts"
    label = "contracts"
    verbose_name = "Contracts"
