"""A simulator with the demo organization, and a connection to it."""

from collections import Counter, deque
from datetime import timedelta
from pathlib import Path

import boto3
import pytest

from demo.simulator import credentials
from demo.simulator.process import running_simulator
from inventory.aws import session
from inventory.models import CollectionTask, InventoryRun
from inventory.runs import requests
from inventory.selectors.runs import run_coverage
from inventory.viewing import Viewer
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


@pytest.fixture
def run(connection, work, clock, account_named, settings):
    """Return a function that reads the organization, and of its accounts only those named.

    Of these only some groups of collectors: what is read by region takes most of the time.
    """
    # All tasks are sent at once, so that those of the named accounts are among them.
    settings.INVENTORY_TASKS_AT_ONCE = 1000

    def run(*names, groups=("iam", "s3")):
        with work.capture(execute=True):
            asked = requests.request_run(
                connection=connection, trigger=InventoryRun.Trigger.BUTTON, now=clock()
            )
        work.start()
        kept = {account_named(name) for name in names}
        work.tasks = deque(each for each in work.tasks if each[1] in kept and each[2] in groups)
        asked.tasks.filter(state=CollectionTask.State.PENDING).exclude(
            account_id__in=kept, group__in=groups
        ).delete()
        InventoryRun.objects.filter(pk=asked.pk).update(
            tasks_total=asked.tasks.exclude(account_id="").count()
        )
        work.finish()
        asked.refresh_from_db()
        clock.now += timedelta(hours=1)
        return asked

    return run


def covered(run):
    return run_coverage(Viewer(sees_inventory=True), run=run)


def calls(run, **where):
    made: Counter[str] = Counter()
    for row in run.group_coverage.filter(**where):
        made.update(row.calls)
    return made
