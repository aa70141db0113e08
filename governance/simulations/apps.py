"""Simulations as a Django application."""

from django.apps import AppConfig


class SimulationsConfig(AppConfig):
    """Drafts of edits and what they would do."""

    name = "governance.simulations"
    label = "simulations"
    verbose_name = "Simulations"
