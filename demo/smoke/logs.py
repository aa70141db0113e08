"""A log source to visit."""

from django.utils import timezone

from inventory.models import Connection, LogSource


def kept_log_source(connection: Connection) -> LogSource:
    """Return the first log source, stored here, switched off, where there is none."""
    first = LogSource.objects.filter(connection=connection).order_by("pk").first()
    if first is not None:
        return first
    return LogSource.objects.create(
        connection=connection,
        name="visited",
        bucket="visited-logs",
        organization_path=connection.organization_id,
        bucket_region=connection.home_region,
        account_id=connection.management_account_id,
        read_from=timezone.now().date(),
        is_enabled=False,
    )
