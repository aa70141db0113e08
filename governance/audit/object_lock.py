"""Checkpoints in an S3 bucket with object lock, where not even its owner can change them.

The one module of governance that writes to AWS besides that of changes. It acts as the worker of
the queue `audit`, by boto3's default chain, and needs s3:PutObject and s3:PutObjectRetention on
the bucket's prefix, and s3:GetObject to compare what lies there.

Source: S3 user guide, "Locking objects with Object Lock"; S3 API reference, PutObject
(If-None-Match, x-amz-object-lock-mode).
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings


class BucketRefused(Exception):
    """A checkpoint is not in the bucket; the message says why."""


@cache
def s3_client(region: str) -> Any:
    """Return a client of S3, made once a process."""
    return boto3.session.Session().client(
        "s3",
        region_name=region,
        config=Config(
            connect_timeout=5,
            read_timeout=20,
            retries={"mode": "standard", "total_max_attempts": 3},
        ),
    )


def checkpoint_lock_in(name: str, note: bytes, *, now: datetime) -> None:
    """Put a checkpoint into the bucket, once, and lock it there in compliance mode.

    :raises BucketRefused: it cannot be put, or another checkpoint lies there under this name.
    """
    client = s3_client(settings.AUDIT_CHECKPOINT_BUCKET_REGION)
    where = {
        "Bucket": settings.AUDIT_CHECKPOINT_BUCKET,
        "Key": f"{settings.AUDIT_CHECKPOINT_BUCKET_PREFIX}{name}",
    }
    try:
        client.put_object(
            **where,
            Body=note,
            ContentType="text/plain; charset=utf-8",
            ChecksumAlgorithm="SHA256",
            IfNoneMatch="*",
            ObjectLockMode="COMPLIANCE",
            ObjectLockRetainUntilDate=now + timedelta(days=settings.AUDIT_CHECKPOINT_LOCK_DAYS),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "PreconditionFailed":
            raise BucketRefused(f"{where['Bucket']} refuses it: {error}") from error
        if _lies_there(client, where) != note:
            raise BucketRefused(f"{where['Key']} is another checkpoint of this number") from error
    except BotoCoreError as error:
        raise BucketRefused(f"{where['Bucket']} cannot be reached: {error}") from error


def _lies_there(client: Any, where: dict[str, str]) -> bytes:
    try:
        found: bytes = client.get_object(**where)["Body"].read()
    except (ClientError, BotoCoreError) as error:
        raise BucketRefused(f"{where['Key']} lies there and cannot be read: {error}") from error
    return found
