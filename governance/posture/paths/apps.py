"""Paths as a Django application: it keeps the answers that programs wait for."""

from django.apps import AppConfig


class PathsConfig(AppConfig):
    """What somebody can become and reach."""

    name = "governance.posture.paths"
    label = "paths"
    verbose_name = "Paths"
