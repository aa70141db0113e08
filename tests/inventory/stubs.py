"""A client of one AWS service whose answers are written down in the test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.credentials import ReadOnlyCredentials
from botocore.stub import Stubber

from inventory.aws.client import AwsClient, CallLog, Patience
from inventory.aws.explain import AssumedRole
from inventory.aws.session import acting_client

ROLE = AssumedRole("arn:aws:iam::222222222222:role/OrgwardenAudit", "docs/roles/audit.yaml")
CREDENTIALS = ReadOnlyCredentials("AKIATESTS", "secret", "token")


@dataclass
class StubbedAws:
    """`client` is what collectors take; answers are given in the order of the calls."""

    client: AwsClient
    stubber: Stubber
    log: CallLog
    waits: list[float]

    def answers(self, operation: str, answer: dict[str, Any], **expected: Any) -> None:
        self.stubber.add_response(operation, answer, expected or None)

    def refuses(self, operation: str, code: str = "AccessDeniedException", **more: Any) -> None:
        self.stubber.add_client_error(operation, code, **more)

    def throttles(self, operation: str, times: int, code: str = "TooManyRequestsException") -> None:
        for _ in range(times):
            self.stubber.add_client_error(operation, code, "Rate exceeded", 400)


@contextmanager
def stubbed(service: str, *, region: str = "us-east-1", **patience: Any) -> Iterator[StubbedAws]:
    """Yield a stubbed service; at the end every answer must have been asked for."""
    waits: list[float] = []
    log = CallLog()
    raw = acting_client(service, region=region)
    client = AwsClient(
        raw,
        credentials=CREDENTIALS,
        role=ROLE,
        log=log,
        patience=Patience(sleep=waits.append, jitter=lambda longest: longest, **patience),
    )
    with Stubber(raw) as stubber:
        yield StubbedAws(client, stubber, log, waits)
        stubber.assert_no_pending_responses()
