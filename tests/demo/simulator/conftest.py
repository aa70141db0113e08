"""One simulator with a tiny organization for all tests, put back after each."""

from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from demo.simulator.credentials import CONSOLE, EXTERNAL_ID, WORKER
from demo.simulator.process import running_simulator

ORGANIZATION = Path(__file__).parent / "organization"


class Aws:
    """Real boto3 clients at the simulator; `control` is its control address."""

    def __init__(self, simulator):
        self.endpoint_url = simulator.endpoint_url
        self.control = simulator.control
        # One session: its loaders stay warm, a new one costs a tenth of a second.
        self._session = boto3.Session(region_name="us-east-1")

    def client(self, service, *, key=CONSOLE.access_key_id, secret="-" * 40, token=None):
        return self._session.client(
            service,
            endpoint_url=self.endpoint_url,
            config=Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20),
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
        )

    def worker(self, service):
        return self.client(service, key=WORKER.access_key_id)

    def assume(self, service, account_id, role, **given):
        given = {"ExternalId": EXTERNAL_ID, "RoleSessionName": "test"} | given
        found = self.worker("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account_id}:role/{role}", **given
        )["Credentials"]
        return self.client(
            service,
            key=found["AccessKeyId"],
            secret=found["SecretAccessKey"],
            token=found["SessionToken"],
        )


@pytest.fixture(scope="session")
def _aws():
    with running_simulator(ORGANIZATION, rate_factor=1000) as simulator:
        yield Aws(simulator)


@pytest.fixture
def aws(_aws):
    yield _aws
    _aws.control("POST", "/start-anew")


@pytest.fixture
def organizations(aws):
    return aws.client("organizations")


@pytest.fixture
def make_policy(organizations):
    def make(name, *, kind="SERVICE_CONTROL_POLICY", content=None):
        content = content or (
            '{"Version":"2012-10-17","Statement":'
            '[{"Effect":"Deny","Action":"s3:DeleteBucket","Resource":"*"}]}'
        )
        found = organizations.create_policy(Name=name, Description="", Type=kind, Content=content)
        return found["Policy"]["PolicySummary"]["Id"]

    return make


@pytest.fixture
def refused():
    """Return a function that makes a call, which must be refused, and returns code and reason."""

    def call(operation, **given):
        with pytest.raises(ClientError) as caught:
            operation(**given)
        response = caught.value.response
        return response["Error"]["Code"], response.get("Reason")

    return call
