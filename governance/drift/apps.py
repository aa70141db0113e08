"""Drift as a Django application."""

from django.apps import AppConfig


class DriftConfig(AppConfig):
    """What differs from what was agreed."""

    name = "governance.drift"
    label = "drift"
    verbose_name = "Drift"
