"""`python -m benchmarks.inventory_bare ENDPOINT ACCOUNT…`: the same calls by boto3 alone.

What reading accounts costs at least: each account's role is assumed, and boto3 makes the calls of
the collectors, one account after the other, parses the answers and throws them away. Making clients
does not count. Prints one JSON object: seconds, processor seconds, accounts whose role was assumed,
calls.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from demo.simulator import credentials

_REGION: Final = "us-east-1"


class Clients:
    """One client a service and region, as the workers have; they sign with `acting` but for STS."""

    def __init__(self, endpoint: str) -> None:
        """Make none yet."""
        self.calls = 0
        self.acting: Credentials | None = None
        # What it took to make clients, which the workers have before they begin.
        self.making_seconds = self.making_processor_seconds = 0.0
        self._endpoint = endpoint
        self._session = boto3.Session(
            aws_access_key_id=credentials.WORKER.access_key_id,
            aws_secret_access_key=credentials.WORKER.secret_access_key,
            region_name=_REGION,
        )
        self._config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        self._made: dict[tuple[str, str], Any] = {}

    def of(self, service: str, region: str = _REGION) -> Any:
        """Return the client."""
        client = self._made.get((service, region))
        if client is None:
            began, began_processor = time.perf_counter(), time.process_time()
            make: Any = self._session.client
            client = make(
                service, region_name=region, endpoint_url=self._endpoint, config=self._config
            )
            self.making_seconds += time.perf_counter() - began
            self.making_processor_seconds += time.process_time() - began_processor
            client.meta.events.register("before-sign.s3-control", _without_account)
            client.meta.events.register("before-call", self._count)
            self._made[service, region] = client
        if service != "sts":
            client._request_signer._credentials = self.acting
        return client

    def _count(self, **_: Any) -> None:
        self.calls += 1


def main(endpoint: str, account_ids: Sequence[str]) -> None:
    """Call, and print what it took."""
    clients = Clients(endpoint)
    began, began_processor = time.perf_counter(), time.process_time()
    assumed = 0
    for account_id in account_ids:
        # Once for each group of collectors, as the workers do.
        for read in (read_iam, read_s3):
            given = _asked(
                clients.of("sts").assume_role,
                RoleArn=f"arn:aws:iam::{account_id}:role/{credentials.AUDIT_ROLE}",
                RoleSessionName="bare",
                ExternalId=credentials.EXTERNAL_ID,
                DurationSeconds=900,
            ).get("Credentials")
            if given is None:
                break
            clients.acting = Credentials(
                given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
            )
            read(clients, account_id)
        else:
            assumed += 1
    seconds = time.perf_counter() - began - clients.making_seconds
    used = time.process_time() - began_processor - clients.making_processor_seconds
    print(
        json.dumps(
            {
                "seconds": seconds,
                "processor_seconds": used,
                "assumed": assumed,
                "calls": clients.calls,
            }
        )
    )


def _without_account(request: Any, **_: Any) -> None:
    # What answers in AWS's place has one name, not one for each account.
    request.url = re.sub(r"://\d{12}\.", "://", request.url, count=1)


def _asked(call: Callable[..., dict[str, Any]], **parameters: Any) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = call(**parameters)
    except ClientError:
        return {}
    return answer


def read_iam(clients: Clients, account_id: str) -> None:
    """Make the calls of the collectors of IAM."""
    iam = clients.of("iam")
    _asked(iam.get_account_authorization_details, MaxItems=1000)
    _asked(iam.get_account_summary)
    _asked(iam.get_account_password_policy)
    _asked(iam.list_account_aliases)
    _asked(iam.get_credential_report)
    for one in _asked(iam.list_saml_providers).get("SAMLProviderList", []):
        _asked(iam.get_saml_provider, SAMLProviderArn=one["Arn"])
    for one in _asked(iam.list_open_id_connect_providers).get("OpenIDConnectProviderList", []):
        _asked(iam.get_open_id_connect_provider, OpenIDConnectProviderArn=one["Arn"])


def read_s3(clients: Clients, account_id: str) -> None:
    """Make the calls of the collectors of S3."""
    for bucket in _asked(clients.of("s3").list_buckets, MaxBuckets=1000).get("Buckets", []):
        name, s3 = bucket["Name"], clients.of("s3", bucket["BucketRegion"])
        _asked(s3.get_bucket_policy, Bucket=name)
        controls = _asked(s3.get_bucket_ownership_controls, Bucket=name).get("OwnershipControls")
        _asked(s3.get_public_access_block, Bucket=name)
        rules = controls["Rules"] if controls else []
        if [each["ObjectOwnership"] for each in rules] != ["BucketOwnerEnforced"]:
            _asked(s3.get_bucket_acl, Bucket=name)
    _asked(clients.of("s3control").get_public_access_block, AccountId=account_id)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
