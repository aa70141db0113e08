"""An author with a draft in the simulator."""

import pytest
from django.urls import reverse

from governance.simulations.models import Simulation
from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot

HTMX = {"HX-Request": "true"}


@pytest.fixture
def snapshot(db):
    return organization_snapshot()


@pytest.fixture
def author(snapshot, client):
    """Somebody signed in."""
    somebody = person("viewer", username="vera")
    client.force_login(somebody)
    return somebody


@pytest.fixture
def address(snapshot):
    """Return the address of a page by its name."""

    def of(name, **kwargs):
        return reverse(name, kwargs={"slug": snapshot.connection.slug, **kwargs})

    return of


@pytest.fixture
def draft(author, client, address):
    """A draft with the editor open on deny-regions."""
    client.post(address("simulator"), {"policy_id": "p-regio001"})
    return Simulation.objects.get()
