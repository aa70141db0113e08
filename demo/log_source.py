"""Has Orgwarden read the CloudTrail files of the demo organization's trail."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import boto3

from demo.simulator import credentials

if TYPE_CHECKING:
    from inventory.models import Connection, LogSource

_DAYS: Final = 30
_SEND_DUE: Final = "inventory.send_due_logs"


def ensure_log_source(connection: "Connection", *, now: datetime) -> "LogSource | None":
    """Return the source that is made of the organization's trail; None: it has one, or no trail.

    Its bucket must have been collected: that says in which account and region it is.
    AWS: cloudtrail:DescribeTrails.
    """
    from governance.config.celery import app
    from inventory.models import LogSource, Organization, ResourcePolicy

    if LogSource.objects.filter(connection=connection).exists():
        return None
    organization = Organization.objects.filter(connection=connection, seen_until=None).first()
    trail = organization_trail(connection)
    if trail is None or organization is None:
        return None
    bucket = ResourcePolicy.objects.filter(
        connection=connection, arn=f"arn:aws:s3:::{trail['S3BucketName']}", seen_until=None
    ).first()
    if bucket is None:
        return None
    source = LogSource(
        connection=connection,
        name=f"Trail {trail['Name']}",
        bucket=bucket.name,
        prefix=trail.get("S3KeyPrefix", ""),
        organization_path=organization.organization_id,
        bucket_region=bucket.region,
        account_id=bucket.account_id,
        trail_arn=trail["TrailARN"],
        kms_key_arn=trail.get("KmsKeyId", ""),
        read_from=(now - timedelta(days=_DAYS)).date(),
    )
    source.full_clean()
    source.save()
    app.send_task(_SEND_DUE)
    return source


def organization_trail(connection: "Connection") -> dict[str, Any] | None:
    """Return the trail of the whole organization as CloudTrail describes it; None: it has none."""
    cloudtrail = boto3.client(
        "cloudtrail",
        region_name=connection.home_region,
        endpoint_url=connection.endpoint_url,
        aws_access_key_id=credentials.CONSOLE.access_key_id,
        aws_secret_access_key=credentials.CONSOLE.secret_access_key,
    )
    trails: list[dict[str, Any]] = cloudtrail.describe_trails()["trailList"]
    return next((trail for trail in trails if trail.get("IsOrganizationTrail")), None)
