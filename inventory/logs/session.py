"""The session that reads a source: the log archive's audit role, narrowed to one bucket."""

import json
import re
import time
from dataclasses import replace
from typing import Any, Final

from botocore.credentials import ReadOnlyCredentials
from django.conf import settings

from inventory.aws.client import AwsClient, CallLog, Patience, assume_role
from inventory.aws.endpoints import check_endpoint
from inventory.aws.session import RoleRequest, acting_client, own_client
from inventory.collecting.sessions import LOG_ARCHIVE_TEMPLATE, audit_role
from inventory.models import LogSource

_QUEUE: Final = re.compile(r"https?://(?:sqs\.([a-z0-9-]+)\.)?[^/]+/(\d{12})/([\w-]+(?:\.fifo)?)")


def queue_place(source: LogSource) -> tuple[str, str, str]:
    """Return the region, account and name of a source's queue; its bucket's region, if not named.

    :raises ValueError: its URL is none of a queue.
    """
    found = _QUEUE.fullmatch(source.queue_url)
    if found is None:
        raise ValueError(f"{source.queue_url} is not the URL of a queue")
    return found[1] or source.bucket_region, found[2], found[3]


def session_statements(source: LogSource) -> list[dict[str, Any]]:
    """Return what a session that reads the source may do; the role must allow it too."""
    partition = source.connection.organization_role_arn.split(":")[1]
    bucket = f"arn:{partition}:s3:::{source.bucket}"
    statements: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{bucket}/{source.root}*"},
    ]
    if source.kms_key_arn:
        statements.append(
            {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": source.kms_key_arn}
        )
    if source.queue_url:
        region, account_id, name = queue_place(source)
        statements.append(
            {
                "Effect": "Allow",
                "Action": ["sqs:DeleteMessage", "sqs:ReceiveMessage"],
                "Resource": f"arn:{partition}:sqs:{region}:{account_id}:{name}",
            }
        )
    if source.kind == LogSource.Kind.ATHENA:
        return [*statements, *_athena_statements(source, partition)]
    # The keys that sign digest files have no ARN.
    keys = {"Effect": "Allow", "Action": "cloudtrail:ListPublicKeys", "Resource": "*"}
    return [*statements, keys]


def _athena_statements(source: LogSource, partition: str) -> list[dict[str, Any]]:
    """Return what a session may do that has Athena read: ask in one workgroup, of one table."""
    place = f"{source.bucket_region}:{source.account_id}"
    glue = f"arn:{partition}:glue:{place}"
    statements: list[dict[str, Any]] = [
        {
            "Effect": "Allow",
            "Action": [
                "athena:GetQueryExecution",
                "athena:GetQueryResults",
                "athena:StartQueryExecution",
            ],
            "Resource": f"arn:{partition}:athena:{place}:workgroup/{source.athena_workgroup}",
        },
        {
            "Effect": "Allow",
            "Action": ["glue:GetDatabase", "glue:GetPartitions", "glue:GetTable"],
            "Resource": [
                f"{glue}:catalog",
                f"{glue}:database/{source.athena_database}",
                f"{glue}:table/{source.athena_database}/{source.athena_table}",
            ],
        },
    ]
    if source.athena_results_bucket:
        results = f"arn:{partition}:s3:::{source.athena_results_bucket}"
        statements.append(
            {
                "Effect": "Allow",
                "Action": ["s3:GetBucketLocation", "s3:GetObject", "s3:PutObject"],
                "Resource": [results, f"{results}/*"],
            }
        )
    return statements


class LogSession:
    """Clients that read a source. The role is assumed when the first is wanted."""

    def __init__(self, source: LogSource) -> None:
        """Prepare; nothing is called yet."""
        self.source = source
        self._assumed_role = audit_role(source.connection, source.account_id)
        # What is denied once it is assumed is what the log archive's own template allows.
        self.role = replace(self._assumed_role, template=LOG_ARCHIVE_TEMPLATE)
        self.patience = Patience(
            waiting_seconds=settings.INVENTORY_ACCOUNT_WAITING_SECONDS,
            ends_at=time.monotonic() + settings.INVENTORY_LOG_SECONDS,
        )
        self._log = CallLog()
        self._credentials: ReadOnlyCredentials | None = None

    def client(self, service: str, *, region: str = "") -> AwsClient:
        """Return a client in a region, the bucket's if none is given.

        AWS: sts:AssumeRole.
        :raises AwsError: the role was not assumed, or the endpoint may not be called.
        """
        endpoint_url = self.source.connection.endpoint_url
        if self._credentials is None:
            check_endpoint(endpoint_url)
            self._credentials = self._assumed(endpoint_url)
        return AwsClient(
            acting_client(
                service, region=region or self.source.bucket_region, endpoint_url=endpoint_url
            ),
            credentials=self._credentials,
            role=self.role,
            log=self._log,
            patience=self.patience,
        )

    def _assumed(self, endpoint_url: str) -> ReadOnlyCredentials:
        connection = self.source.connection
        sts = AwsClient(
            own_client("sts", region=connection.home_region, endpoint_url=endpoint_url),
            credentials=None,
            role=None,
            log=self._log,
            patience=self.patience,
        )
        policy = {"Version": "2012-10-17", "Statement": session_statements(self.source)}
        request = RoleRequest(
            role=self._assumed_role,
            external_id=connection.external_id,
            session_name="orgwarden-logs",
            duration_seconds=settings.AWS_LOG_SESSION_SECONDS,
            policy=json.dumps(policy, separators=(",", ":")),
        )
        return assume_role(sts, request)
