"""A client of the API: signed in as a viewer, with an empty cache."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from tests.factories.people import person
from tests.factories.snapshots import Snapshot, organization_snapshot


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Let no count of requests and no kept answer of another test stand."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def viewer(db: None) -> APIClient:
    """A client signed in as a viewer."""
    client = APIClient()
    client.force_login(person("viewer"))
    return client


@pytest.fixture
def acme(db: None) -> Snapshot:
    """The small organization, its slug `acme`, read once."""
    made = organization_snapshot()
    made.connection.slug = "acme"
    made.connection.save()
    return made
