"""An organization with people who own parts of it."""

import pytest
from django.urls import reverse

from tests.factories.people import UserFactory, person
from tests.factories.snapshots import organization_snapshot


@pytest.fixture
def organization(db):
    return organization_snapshot()


@pytest.fixture
def connection(organization):
    return organization.connection


@pytest.fixture
def ids(organization):
    units = {name: unit.target_id for name, unit in organization.units.items()}
    return units | {name: one.account_id for name, one in organization.accounts.items()}


@pytest.fixture
def at(connection):
    """Return a function from the name of a page of the organization to its address."""

    def address(name, **kwargs):
        return reverse(name, kwargs={"slug": connection.slug, **kwargs})

    return address


@pytest.fixture
def ada(db):
    return UserFactory.create(username="ada", first_name="Ada", last_name="Byron")


@pytest.fixture
def security(client):
    user = person("security", username="sam")
    client.force_login(user)
    return user


def text(answer):
    return answer.content.decode()
