"""A small organization, people, and the time of the tests."""

from datetime import UTC, datetime

import pytest

from tests.factories.organization import ROOT_ID
from tests.factories.people import UserFactory
from tests.factories.snapshots import organization_snapshot

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def organization(db):
    """Return the snapshot, whose names of targets `target_id` below knows."""
    return organization_snapshot()


@pytest.fixture
def connection(organization):
    return organization.connection


@pytest.fixture
def target_id(organization):
    """Return a function from the name of a root, OU or account to its id."""
    ids = {
        "Root": ROOT_ID,
        **{name: unit.target_id for name, unit in organization.units.items()},
        **{name: account.account_id for name, account in organization.accounts.items()},
    }
    return ids.__getitem__


@pytest.fixture
def ada(db):
    return UserFactory.create(username="ada", email="ada@example.org")


@pytest.fixture
def ben(db):
    return UserFactory.create(username="ben", email="ben@example.org")
