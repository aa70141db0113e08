"""`python -m benchmarks.inventory_bare ENDPOINT RECORDED`: the same calls by boto3 alone.

What reading accounts costs at least: each account's role is assumed once a group of collectors, and
boto3 makes the calls of the file RECORDED (`benchmarks.inventory_recorded`), one after the other,
parses the answers and throws them away. Clients are made before, as the workers have them. Prints
one JSON object: seconds, processor seconds, calls.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import time
from pathlib import Path
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
            make: Any = self._session.client
            client = make(
                service, region_name=region, endpoint_url=self._endpoint, config=self._config
            )
            client.meta.events.register("before-sign.s3-control", _without_account)
            client.meta.events.register("before-call", self._count)
            self._made[service, region] = client
        if service != "sts":
            client._request_signer._credentials = self.acting
        return client

    def _count(self, **_: Any) -> None:
        self.calls += 1


def main(endpoint: str, recorded: Path) -> None:
    """Call, and print what it took."""
    clients = Clients(endpoint)
    parts = json.loads(recorded.read_text(encoding="utf-8"))
    for part in parts:
        for service, region, _, _ in part["calls"]:
            clients.of(service, region)
    clients.of("sts")
    began, began_processor = time.perf_counter(), time.process_time()
    for part in parts:
        given = clients.of("sts").assume_role(
            RoleArn=f"arn:aws:iam::{part['account_id']}:role/{credentials.AUDIT_ROLE}",
            RoleSessionName="bare",
            ExternalId=credentials.EXTERNAL_ID,
            DurationSeconds=900,
        )["Credentials"]
        clients.acting = Credentials(
            given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
        )
        for service, region, method, parameters in part["calls"]:
            with contextlib.suppress(ClientError):
                getattr(clients.of(service, region), method)(**parameters)
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - began,
                "processor_seconds": time.process_time() - began_processor,
                "calls": clients.calls,
            }
        )
    )


def _without_account(request: Any, **_: Any) -> None:
    # What answers in AWS's place has one name, not one for each account.
    request.url = re.sub(r"://\d{12}\.", "://", request.url, count=1)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
