"""Of when rows are whose account or region is no longer read, as pages say it."""

from collections.abc import Sequence
from typing import Any, Final

from governance.web.parts.lists import Column
from governance.web.parts.pages import ConnectionPage
from inventory.selectors.last_readings import UnreadableAccount, last_readings, region_readings


def _exported(row: Any) -> object:
    found: UnreadableAccount | None = row.last_reading
    return "" if found is None else found.read_at or "unknown"


# In exports: empty where account and region are read.
LAST_READING: Final = Column("as_of_last_reading", "", (), _exported, hidden=True)


def last_reading_of(
    page: ConnectionPage, account_id: str, *, collector: str
) -> UnreadableAccount | None:
    """Return the last reading of an account that cannot be read; None: it can be."""
    found = last_readings(
        page.viewer,
        connection=page.connection,
        account_ids=[account_id],
        collector=collector,
        as_of=page.as_of,
    )
    return found.get(account_id)


def mark_last_readings(page: ConnectionPage, rows: Sequence[Any], *, collector: str) -> None:
    """Give each row of some accounts its `last_reading`; None: its account can be read."""
    found = last_readings(
        page.viewer,
        connection=page.connection,
        account_ids={row.account_id for row in rows},
        collector=collector,
        as_of=page.as_of,
    )
    for row in rows:
        row.last_reading = found.get(row.account_id)


def mark_region_readings(page: ConnectionPage, rows: Sequence[Any]) -> None:
    """Give each row whose region is no longer read its `last_reading`, unless it has one."""
    found = region_readings(
        page.viewer,
        connection=page.connection,
        account_ids={row.account_id for row in rows},
        as_of=page.as_of,
    )
    for row in rows:
        row.last_reading = row.last_reading or found.get((row.account_id, row.region))
