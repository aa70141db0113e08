"""Until when the logs of accounts were read, as far as that can be said."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from inventory.models import Connection, LogObject
from inventory.selectors.logs import log_days, log_objects, log_sources
from inventory.viewing import Viewer

DELIVERY: Final = timedelta(minutes=15)
"""How long CloudTrail takes to deliver a file, as a rule five minutes; it guarantees no time.

Source: CloudTrail user guide, "How CloudTrail works".
"""
_COVERED_WITHIN: Final = timedelta(days=7)


def logs_read_until(
    viewer: Viewer, *, connection: Connection, account_ids: Collection[str], since: date
) -> Mapping[str, datetime]:
    """Return by account until when its logs were read, without a file left out from `since` on.

    An account without events has no files, so what counts is when its source was last listed. Left
    out: accounts of which no file was read lately, those with files that are waiting or could not
    be read, and all where the last listing was not complete.
    """
    listed = {
        source.pk: source.last_listed_at - DELIVERY
        for source in log_sources(viewer, connection=connection)
        if source.is_enabled and not source.problem and source.last_listed_at is not None
    }
    if not listed:
        return {}
    wanted = sorted(set(account_ids))
    covered = log_days(
        viewer, connection=connection, since=since - _COVERED_WITHIN, until=date.max
    ).filter(source__in=listed, account_id__any_of=wanted, objects_read__gt=0)
    left_out = set(
        log_objects(viewer, connection=connection, since=since, until=date.max)
        .filter(account_id__any_of=wanted)
        .exclude(state=LogObject.State.READ)
        .order_by()
        .values_list("account_id", flat=True)
        .distinct()
    )
    found: dict[str, datetime] = {}
    for account_id, source_id in covered.order_by().values_list("account_id", "source").distinct():
        if account_id not in left_out:
            found[account_id] = max(listed[source_id], found.get(account_id, listed[source_id]))
    return found
