"""Somebody signed in, and the requests of a small organization."""

import pytest
from django.urls import reverse

from tests.factories.change_requests import change_request
from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot


@pytest.fixture
def snapshot(db):
    return organization_snapshot()


@pytest.fixture
def author(snapshot, client):
    """Somebody who may propose, signed in."""
    somebody = person("author", username="maren", first_name="Maren", last_name="Solberg")
    client.force_login(somebody)
    return somebody


@pytest.fixture
def address(snapshot):
    """Return the address of a page by its name."""

    def of(name, **kwargs):
        return reverse(name, kwargs={"slug": snapshot.connection.slug, **kwargs})

    return of


@pytest.fixture
def asked(snapshot, author):
    """A request of the author's, a draft."""
    return change_request(snapshot.connection, author)
