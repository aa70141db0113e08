"""A small organization whose OUs people own, and the time of the tests."""

from datetime import UTC, datetime

import pytest

from governance.approvals.effects import TargetEffect
from governance.approvals.requirements import required_approvals
from governance.approvals.reviews import ReviewSubject
from tests.factories.organization import ROOT_ID
from tests.factories.owners import LabelFactory, OwnershipFactory
from tests.factories.people import LONG_AGO, person
from tests.factories.snapshots import organization_snapshot

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def organization(db):
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
def own(connection, target_id):
    """Return a function that gives somebody a target, confirmed, with the role Approver."""

    def given(name, user, *, confirmed=True):
        holder = {"user": user} if hasattr(user, "username") else {"group": user}
        return OwnershipFactory.create(
            connection=connection,
            target_id=target_id(name),
            confirmed_at=LONG_AGO if confirmed else None,
            **holder,
        )

    return given


@pytest.fixture
def testing(connection, target_id):
    """Have Test be no production, by hand."""
    return LabelFactory.create(
        connection=connection,
        target_id=target_id("Test"),
        value="test",
        needs_second_person=True,
        confirmed_at=LONG_AGO,
    )


@pytest.fixture
def ada(db):
    return person("approver", username="ada")


@pytest.fixture
def ben(db):
    return person("approver", username="ben")


@pytest.fixture
def sam(db):
    return person("security", username="sam")


@pytest.fixture
def needed(connection, target_id):
    """Return a function from names of changed targets to what they need."""

    def asked(*names, excluded=(), effects=(), **values):
        found = [TargetEffect(target_id(name), newly_denied=True) for name in names]
        return required_approvals(
            connection, [*found, *effects], excluded={one.pk for one in excluded}, now=NOW, **values
        )

    return asked


@pytest.fixture
def subject_of(connection):
    """Return a function that makes the subject of a review."""

    def made(required, *, digest="a" * 64, excluded=()):
        return ReviewSubject(
            kind="change_request",
            id="7",
            connection_id=connection.pk,
            name="Deny regions",
            digest=digest,
            excluded=frozenset(one.pk for one in excluded),
            required=tuple(required),
        )

    return made
