"""How logging fares at worst in each account, in a few words each, so that 10,000 are counted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from django.core.cache import caches

from governance.baseline.landing_zone.logging_health import (
    HEALTH_ORDER,
    LogService,
    LogServiceHealth,
    logging_health,
)
from inventory.models import Connection
from inventory.selectors.connections import latest_whole_run
from inventory.selectors.hierarchy import accounts
from inventory.viewing import Viewer, visible_key

_AT_ONCE: Final = 500
_REMEMBERED_SECONDS: Final = 300
_ACTIVE: Final = ("ACTIVE", "")


@dataclass(frozen=True, slots=True)
class LoggingLine:
    """An account with each service's worst health, in the order of `LogService`."""

    account_id: str
    name: str
    parent_id: str
    healths: tuple[LogServiceHealth, ...]

    def of(self, service: LogService) -> LogServiceHealth:
        """Return how one service fares where it fares worst."""
        return self.healths[list(LogService).index(service)]

    @property
    def worst(self) -> LogServiceHealth:
        """How the account fares where it fares worst."""
        return min(self.healths, key=HEALTH_ORDER.__getitem__)


@dataclass(frozen=True)
class LoggingSummary:
    """Every active account that may be seen, by name."""

    lines: tuple[LoggingLine, ...]

    @cached_property
    def counts(self) -> Mapping[LogService, Mapping[LogServiceHealth, int]]:
        """How many accounts fare how, at worst, by service."""
        found: dict[LogService, Mapping[LogServiceHealth, int]] = {}
        for place, service in enumerate(LogService):
            counted = Counter(line.healths[place] for line in self.lines)
            found[service] = {health: counted[health] for health in LogServiceHealth}
        return found

    @cached_property
    def worst_counts(self) -> Mapping[LogServiceHealth, int]:
        """How many accounts fare how, at worst, in any service."""
        counted = Counter(line.worst for line in self.lines)
        return {health: counted[health] for health in LogServiceHealth}


def logging_summary(
    viewer: Viewer, *, connection: Connection, now: datetime, as_of: datetime | None = None
) -> LoggingSummary:
    """Return how logging fares in each account, three queries for every 500 accounts.

    Of more than 500 accounts the answer is remembered for some minutes, until the next run.
    """
    ids = list(
        accounts(viewer, connection=connection, as_of=as_of)
        .filter(state__in=_ACTIVE)
        .order_by("name", "account_id")
        .values_list("account_id", flat=True)
    )
    if len(ids) <= _AT_ONCE:
        return LoggingSummary(_lines(viewer, connection, now, as_of, ids))
    run = latest_whole_run(viewer, connection=connection)
    at = as_of.isoformat() if as_of else f"run-{run.pk if run else 0}"
    key = f"logging-summary:{connection.pk}:{visible_key(viewer, connection)}:{at}"
    kept: list[tuple[str, str, str, tuple[str, ...]]] | None = caches["optional"].get(key)
    if kept is None:
        kept = [
            (line.account_id, line.name, line.parent_id, tuple(map(str, line.healths)))
            for start in range(0, len(ids), _AT_ONCE)
            for line in _lines(viewer, connection, now, as_of, ids[start : start + _AT_ONCE])
        ]
        caches["optional"].set(key, kept, _REMEMBERED_SECONDS)
    return LoggingSummary(
        tuple(
            LoggingLine(account_id, name, parent_id, tuple(map(LogServiceHealth, healths)))
            for account_id, name, parent_id, healths in kept
        )
    )


def _lines(
    viewer: Viewer,
    connection: Connection,
    now: datetime,
    as_of: datetime | None,
    account_ids: Sequence[str],
) -> tuple[LoggingLine, ...]:
    found = logging_health(
        viewer, connection=connection, now=now, as_of=as_of, account_ids=account_ids
    )
    return tuple(
        LoggingLine(
            each.account_id,
            each.name,
            each.parent_id,
            tuple(each.services[service].health for service in LogService),
        )
        for each in found.accounts
    )
