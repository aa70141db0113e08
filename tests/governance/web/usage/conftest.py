"""An organization with logs, and how the pages of usage are asked for."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.cloudtrail.denials import DenialCause
from inventory.models import Connection
from tests.factories.connections import ConnectionFactory
from tests.factories.logs import (
    LogDayFactory,
    LogSourceFactory,
    at_noon,
    denial_record,
    stored_denials,
)
from tests.factories.organization import AccountFactory
from tests.factories.people import person
from tests.factories.principals import RoleFactory

MEMBER = "333333333333"
OTHER = "444444444444"
DEPLOY = f"arn:aws:iam::{MEMBER}:role/Deploy"


def days_ago(number: int) -> date:
    return timezone.now().date() - timedelta(days=number)


@pytest.fixture
def connection(db) -> Connection:
    made = ConnectionFactory.create(slug="acme", name="Acme")
    AccountFactory.create(connection=made, account_id=MEMBER, name="payments")
    return made


@pytest.fixture
def role(connection):
    return RoleFactory.create(
        connection=connection, account_id=MEMBER, name="Deploy", arn=DEPLOY, path="/"
    )


@pytest.fixture(autouse=True)
def viewer(client, db):
    client.force_login(person("viewer"))


@pytest.fixture
def complete_logs(connection):
    """Logs of every day of the last thirty."""
    source = LogSourceFactory.create(connection=connection, read_from=days_ago(40))
    for number in range(30):
        LogDayFactory.create(
            source=source, account_id=MEMBER, day=days_ago(number), newest_at=timezone.now()
        )
    return source


@pytest.fixture
def denied_often(connection):
    """One cause on three days, and another once."""
    for number in range(3):
        day = days_ago(number)
        stored_denials(connection, denial_record(day=day, count=1000, first_at=at_noon(day)))
    stored_denials(
        connection,
        denial_record(
            day=days_ago(1), action="s3:PutObject", cause=DenialCause("identity-based policy")
        ),
    )


def of(name, **query) -> str:
    return reverse(name, kwargs={"slug": "acme"}, query=query or None)


def tab(name, **of_what) -> str:
    return reverse(name, kwargs={"slug": "acme", **of_what})


def rows_of(answer):
    return answer.context["rows"].object_list
