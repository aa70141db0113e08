"""How well logs are known, remembered for a minute: judging those of 1,000 accounts is slow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.core.cache import caches

from inventory.models import Connection
from inventory.selectors.logs import LogHealth, LogHealthState, log_health
from inventory.viewing import Viewer, visible_key

_REMEMBERED_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class KnownLogs:
    """What lists say of the logs of some days; members as in `LogHealth`."""

    state: LogHealthState
    first_day: date | None
    last_day: date | None
    reasons: tuple[str, ...]
    without_logs: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as the cache takes it."""
        return {
            "state": self.state.value,
            "days": [day and day.isoformat() for day in (self.first_day, self.last_day)],
            "reasons": list(self.reasons),
            "without_logs": list(self.without_logs),
        }


def known_logs(
    viewer: Viewer,
    *,
    connection: Connection,
    since: date,
    until: date,
    now: datetime,
    account_id: str = "",
) -> KnownLogs:
    """Return how well the logs of some days are known, as of at most a minute ago.

    `account_id`: of this account alone; empty: of all. That there is no source is not remembered.
    For lists; evidence asks `log_health` itself.
    """
    seen = visible_key(viewer, connection)
    key = f"known-logs:{connection.pk}:{since}:{until}:{account_id}:{seen}"
    remembered: Mapping[str, Any] | None = caches["optional"].get(key)
    if remembered is not None:
        return _read(remembered)
    found = _of_health(
        log_health(
            viewer,
            connection=connection,
            since=since,
            until=until,
            now=now,
            account_ids=[account_id] if account_id else None,
        )
    )
    if found.state is not LogHealthState.NO_SOURCE:
        caches["optional"].set(key, found.as_json(), _REMEMBERED_SECONDS)
    return found


def _of_health(health: LogHealth) -> KnownLogs:
    return KnownLogs(
        health.state, health.first_day, health.last_day, health.reasons, health.without_logs
    )


def _read(remembered: Mapping[str, Any]) -> KnownLogs:
    first, last = (day and date.fromisoformat(day) for day in remembered["days"])
    return KnownLogs(
        LogHealthState(remembered["state"]),
        first,
        last,
        tuple(remembered["reasons"]),
        tuple(remembered["without_logs"]),
    )
