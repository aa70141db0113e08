"""A made-up AWS, a connection, and a way to ask for a run."""

import pytest

from inventory.models import InventoryRun
from inventory.runs import group_tasks, life
from inventory.runs.requests import request_run
from tests.factories.connections import ConnectionFactory
from tests.inventory.runs.fake_aws import FakeAws


@pytest.fixture
def aws(clock, monkeypatch):
    aws = FakeAws(clock)
    monkeypatch.setattr(life, "read_organization", aws.read_organization)
    monkeypatch.setattr(group_tasks, "read_group", aws.read_group)
    return aws


@pytest.fixture
def connection(db):
    return ConnectionFactory.create(organization_id="", management_account_id="")


@pytest.fixture
def request_one(work, connection, clock):
    def request(**values):
        with work.capture(execute=True):
            return request_run(
                connection=connection,
                trigger=InventoryRun.Trigger.BUTTON,
                now=clock(),
                **values,
            )

    return request
