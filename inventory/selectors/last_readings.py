"""Of when rows are whose account or region is no longer read: of its last reading."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from inventory.models import Connection
from inventory.selectors.coverage import latest_coverage
from inventory.selectors.hierarchy import accounts
from inventory.store.covered import REGION_NOT_READ
from inventory.viewing import Viewer

# Runs read only active accounts; of one whose state AWS did not tell nothing is claimed.
_READABLE: Final = ("ACTIVE", "")


@dataclass(frozen=True, slots=True)
class UnreadableAccount:
    """What rows of an account that cannot be read, being suspended or closed, go back to.

    `account_state`: AWS's; ACTIVE: only their region is no longer read. `read_at`: when they were
    last read completely; None: not known.
    """

    account_state: str
    read_at: datetime | None


def last_readings(
    viewer: Viewer,
    *,
    connection: Connection,
    account_ids: Collection[str],
    collector: str,
    as_of: datetime | None = None,
) -> dict[str, UnreadableAccount]:
    """Return the last reading of those of the accounts that cannot be read, now or at a time.

    `collector`: the beginning of the names of those that read the rows; of several that were ever
    complete, the oldest reading counts. One query where every account can be read, else two, and
    with `as_of` one more.
    """
    states = dict(
        accounts(viewer, connection=connection, as_of=as_of)
        .filter(account_id__in=set(account_ids))
        .exclude(state__in=_READABLE)
        .values_list("account_id", "state")
    )
    if not states:
        return {}
    found: dict[str, datetime] = {}
    for row in latest_coverage(viewer, connection=connection, as_of=as_of).filter(
        account_id__in=states, collector__startswith=collector
    ):
        at = row.last_complete_at
        if at is not None:
            found[row.account_id] = min(at, found.get(row.account_id, at))
    return {
        account_id: UnreadableAccount(state, found.get(account_id))
        for account_id, state in states.items()
    }


def region_readings(
    viewer: Viewer,
    *,
    connection: Connection,
    account_ids: Collection[str],
    as_of: datetime | None = None,
) -> dict[tuple[str, str], UnreadableAccount]:
    """Return the last reading of regions that are no longer read, by account and region.

    The account has disabled them, or the connection's regions exclude them. Of several collectors
    the oldest reading counts. One query, with `as_of` two.
    """
    found: dict[tuple[str, str], datetime] = {}
    for row in latest_coverage(viewer, connection=connection, as_of=as_of).filter(
        account_id__in=set(account_ids), error_code=REGION_NOT_READ
    ):
        at = row.last_complete_at
        if at is not None:
            key = row.account_id, row.region
            found[key] = min(at, found.get(key, at))
    return {key: UnreadableAccount("ACTIVE", at) for key, at in found.items()}
