"""What processes cost, as the benchmarks count it."""

import pytest

from benchmarks.processes import ProcessorTime


@pytest.mark.parametrize(
    ("session", "in_session", "used"),
    [(7, 90.5, 2.5), (8, 0.25, 2.25), (0, 0.0, 2.0)],
    ids=["the same session", "another session", "no session on this machine"],
)
def test_processor_time_is_never_negative_where_the_session_was_replaced(session, in_session, used):
    before = ProcessorTime(10.0, 7, 90.0)

    assert ProcessorTime(12.0, session, in_session).since(before) == used
