"""How well logs are known, remembered for a minute: judging those of 1,000 accounts is slow."""

from datetime import date, datetime
from typing import Final

from django.core.cache import cache

from inventory.models import Connection
from inventory.selectors.logs import LogHealth, LogHealthState, log_health
from inventory.viewing import Viewer, visible_key

_REMEMBERED_SECONDS: Final = 60


def known_log_health(
    viewer: Viewer, *, connection: Connection, since: date, until: date, now: datetime
) -> LogHealth:
    """Return `log_health` of some days, of at most a minute ago; that there is no source, as it is.

    For lists. Evidence asks anew.
    """
    key = f"log-health:{connection.pk}:{since}:{until}:{visible_key(viewer, connection)}"
    found: LogHealth | None = cache.get(key)
    if found is None:
        found = log_health(viewer, connection=connection, since=since, until=until, now=now)
        if found.state is not LogHealthState.NO_SOURCE:
            cache.set(key, found, _REMEMBERED_SECONDS)
    return found
