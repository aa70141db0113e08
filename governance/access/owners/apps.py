"""Owners as a Django application."""

from django.apps import AppConfig


class OwnersConfig(AppConfig):
    """Tables of who owns what, with deputies, labels and pending grants."""

    name = "governance.access.owners"
    label = "owners"
    verbose_name = "Owners"
