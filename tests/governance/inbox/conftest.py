"""A small organization with findings, and people who work on them."""

import pytest

from governance.access.actors import user_actor
from governance.access.owners.acting import ActingPerson
from governance.access.viewers import viewer_of
from governance.inbox.models import InboxItem
from inventory.viewing import Place
from tests.factories.findings import InboxItemFactory
from tests.factories.people import person

PAYMENTS, WEBSITE = "222222222222", "222222222223"


@pytest.fixture
def connection(snapshot):
    return snapshot.connection


@pytest.fixture
def item(connection):
    """Make a finding of the small organization."""

    def make(**values) -> InboxItem:
        return InboxItemFactory.create(connection=connection, **values)

    return make


class Person:
    """Somebody with what services and selectors take of them."""

    def __init__(self, user):
        self.user = user
        self.by = ActingPerson(user, user_actor(user))
        self.viewer = viewer_of(user)

    @property
    def asks(self):
        return {"by": self.by, "viewer": self.viewer}


@pytest.fixture
def ada(db):
    """Somebody who may work on every finding."""
    return Person(person("security", username="ada"))


@pytest.fixture
def ben(connection):
    """Somebody who may work on findings of Payments alone."""
    return Person(person("approver", Place(connection.pk, PAYMENTS), username="ben"))
