"""Detections as a Django application."""

from django.apps import AppConfig


class DetectionsConfig(AppConfig):
    """What rules find in CloudTrail."""

    name = "governance.detections"
    label = "detections"
    verbose_name = "Detections"

    def ready(self) -> None:
        """Say who sees what, and judge what is read of the logs."""
        from governance.detections import dispatch, visibility

        visibility.register()
        dispatch.register()
