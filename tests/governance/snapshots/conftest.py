"""What the tests of comparisons share."""

import pytest

from governance.snapshots.comparing import Compared, compare_snapshots
from governance.snapshots.moments import read_moment
from tests.factories.times import THIRD_RUN_AT


@pytest.fixture
def compare(snapshot, viewer):
    """Return a function that compares two of the organization's states."""

    def run(before: object, after: object = "now") -> Compared:
        moments = [
            read_moment(viewer, connection=snapshot.connection, text=str(text), now=THIRD_RUN_AT)
            for text in (before, after)
        ]
        return compare_snapshots(
            viewer, connection=snapshot.connection, before=moments[0], after=moments[1]
        )

    return run
