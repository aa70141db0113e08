"""A simulator with the demo organization, and a connection to it."""

from pathlib import Path

import boto3
import pytest

from demo.simulator import credentials
from demo.simulator.process import running_simulator
from inventory.aws import session
from tests.factories.connections import ConnectionFactory

ORGANIZATION = Path(__file__).resolve().parents[3] / "demo" / "organization"
# Rates are AWS's in the simulator's own tests; here they would only cost time.
RATE_FACTOR = 50.0


@pytest.fixture(scope="session")
def simulator():
    with running_simulator(ORGANIZATION, rate_factor=RATE_FACTOR) as running:
        yield running


@pytest.fixture
def connection(db, simulator, settings, monkeypatch):
    settings.AWS_ENDPOINTS_ALLOWED = [simulator.endpoint_url]
    settings.AWS_ORGANIZATIONS_RATE = (400.0, 400)
    settings.AWS_ORGANIZATIONS_RATES = {}
    for name, value in credentials.WORKER.environment().items():
        monkeypatch.setenv(name, value)
    # The process's own sessions found their credentials before.
    monkeypatch.setattr(session, "_clients", session._Clients())
    organization = simulator.control("GET", "/ready")
    return ConnectionFactory.create(
        organization_role_arn=(
            f"arn:aws:iam::{organization['management_account_id']}:role/"
            f"{credentials.ORGANIZATION_READER_ROLE}"
        ),
        audit_role_name=credentials.AUDIT_ROLE,
        external_id=credentials.EXTERNAL_ID,
        home_region="us-east-1",
        regions=["eu-central-1"],
        endpoint_url=simulator.endpoint_url,
        organization_id="",
        management_account_id="",
    )


@pytest.fixture
def console(simulator):
    """Organizations as an administrator of the management account calls it."""
    return boto3.client(
        "organizations",
        region_name="us-east-1",
        endpoint_url=simulator.endpoint_url,
        aws_access_key_id=credentials.CONSOLE.access_key_id,
        aws_secret_access_key=credentials.CONSOLE.secret_access_key,
    )


@pytest.fixture
def account_named(console):
    """Return a function that returns the id of the account of that name."""
    pages = console.get_paginator("list_accounts").paginate()
    found = {each["Name"]: each["Id"] for page in pages for each in page["Accounts"]}
    return found.__getitem__
