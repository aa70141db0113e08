"""Access as a Django application."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """People, their roles and rights, and the tokens of programs."""

    name = "governance.access"
    label = "access"
    verbose_name = "Access"
