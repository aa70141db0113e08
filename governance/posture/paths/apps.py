"""Paths as a Django application: it keeps the answers that programs wait for."""

from django.apps import AppConfig


class PathsConfig(AppConfig):
    """What somebody can become and reach."""

    name = "governance.posture.paths"
    label = "paths"
    verbose_name = "Paths"

    def ready(self) -> None:
        """Add the kinds of findings that need the graph."""
        from governance.posture.paths import dispatch, findings

        findings.register()
        dispatch.register()
