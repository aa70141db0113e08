"""What tests of storing share."""

import pytest

from tests.factories.connections import ConnectionFactory


@pytest.fixture
def connection(db):
    return ConnectionFactory.create()
