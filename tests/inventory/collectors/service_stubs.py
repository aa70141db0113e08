"""What tests of services' configuration share."""

from datetime import UTC, datetime, timedelta

import pytest

from inventory.collectors.collector import Allowance, Earlier

ACCOUNT = "222222222222"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def earlier(read=None, kept=(), *, calls=100):
    """Return what is known when a collector begins. `read`: by collector."""
    return Earlier(read or {}, tuple(kept), Allowance(calls, 60.0, timedelta(days=1)), NOW)


def read_partly(error, found):
    """Return what an iterator yields before it raises `error`."""
    records = []
    with pytest.raises(error):
        records.extend(found)
    return records
