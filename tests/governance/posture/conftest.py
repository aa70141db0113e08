"""What the tests of the posture share: a stored organization and somebody who may see it."""

import pytest

from inventory.viewing import Viewer
from tests.factories.snapshots import Snapshot, organization_snapshot


@pytest.fixture
def viewer() -> Viewer:
    return Viewer(sees_inventory=True)


@pytest.fixture
def snapshot(db) -> Snapshot:
    return organization_snapshot()
