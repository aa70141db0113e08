"""What the tests of several packages share: a stored organization, and who may see it."""

from datetime import datetime

import pytest

from governance.edits.operations import Operation
from governance.effects.of_edits import Simulated, simulate
from inventory.viewing import Viewer
from tests.factories.edits import NOW
from tests.factories.snapshots import Snapshot, organization_snapshot


@pytest.fixture
def viewer() -> Viewer:
    return Viewer(sees_inventory=True)


@pytest.fixture
def snapshot(db) -> Snapshot:
    return organization_snapshot()


@pytest.fixture
def simulated(snapshot, viewer):
    """Return a function that simulates operations on the small organization."""

    def run(*operations: Operation, as_of: datetime | None = None) -> Simulated:
        return simulate(
            viewer,
            connection=snapshot.connection,
            operations=operations,
            as_of=as_of,
            today=NOW.date(),
        )

    return run
