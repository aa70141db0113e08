"""What all tests share: real servers, a Django that is set up, and no way out of this machine."""

import gc

import django
import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests import servers

# Here and not in a hook: conftest modules further down import models, which need the settings.
servers.provide()
django.setup()

# Thousands of tests leave little garbage in cycles, and each search for it walks the catalogue.
gc.set_threshold(100_000, 50, 100)


# What takes long begins first, so that no worker is left alone with it at the end.
BEGIN_WITH = (
    "tests/journeys/test_every_screen.py",
    "tests/inventory/simulator/",
    "tests/journeys/test_hostile_text.py",
    "tests/governance/api/test_schema_conformance.py",
    "tests/demo/test_scale.py",
    "tests/inventory/faults/",
    "tests/governance/test_places.py",
    "tests/journeys/",
    "tests/governance/api/",
    "tests/policies/comparison/",
    "tests/upgrades/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first; the rest stays in its order."""

    def rank(item: pytest.Item) -> int:
        places = (i for i, begin in enumerate(BEGIN_WITH) if item.nodeid.startswith(begin))
        return next(places, len(BEGIN_WITH))

    items.sort(key=rank)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Have each process's database copied from one that is prepared once a session."""
    # Django is set up only now.
    from tests.template_database import prepared_template

    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = prepared_template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Make the database, once a process."""
    # Models need a Django that is set up.
    from tests.emptying import empty_quickly_after_tests

    with django_db_blocker.unblock():
        empty_quickly_after_tests()
