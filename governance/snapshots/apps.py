"""Snapshots as a Django application; it has no tables."""

from django.apps import AppConfig


class SnapshotsConfig(AppConfig):
    """Tells of what changed from one run to the next."""

    name = "governance.snapshots"
    label = "snapshots"
    verbose_name = "Snapshots"

    def ready(self) -> None:
        """Declare the kinds of events and listen for the ends of runs."""
        from governance.snapshots import announcing

        announcing.register()
