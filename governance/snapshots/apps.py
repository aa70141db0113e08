"""Snapshots as a Django application; it has no tables."""

from django.apps import AppConfig


class SnapshotsConfig(AppConfig):
    """Comparison of two dates, and notices of changes since the last run."""

    name = "governance.snapshots"
    label = "snapshots"
    verbose_name = "Snapshots"

    def ready(self) -> None:
        """Declare the kinds of events and listen for the ends of runs."""
        from governance.snapshots import announcing

        announcing.register()
