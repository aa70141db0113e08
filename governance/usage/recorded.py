"""The stored usage of an organization, replayed through a change."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.conf import settings

from governance.edits.operations import JsonObject
from governance.effects.compared_states import ComparedStates
from governance.usage.replays import OrganizationReplay, replay_through, unchanged_accounts
from governance.usage.results import (
    NO_SOURCE,
    replay_not_known,
    replay_result,
    usage_conclusion,
    usage_denied,
)
from governance.usage.verdicts import UsageDenied
from inventory.models import Connection
from inventory.selectors.logs import LogHealth, log_health
from inventory.selectors.usage import daily_usage, own_calls, used
from inventory.viewing import Viewer

MOST_DAYS: Final = 400


@dataclass(frozen=True)
class RecordedReplay:
    """What a change would have done to the usage of the last `days`.

    `state`: of the logs. `replay`: None where no logs are read. `result`: as JSON.
    """

    days: int
    state: str
    replay: OrganizationReplay | None
    result: JsonObject

    @property
    def denied(self) -> UsageDenied:
        """Whether calls that succeeded would have been denied."""
        if self.replay is None:
            return UsageDenied.NOT_KNOWN
        return usage_denied(self.replay, self.state)

    @property
    def conclusion(self) -> JsonObject | None:
        """What an approval binds of it; None where no logs are read."""
        return None if self.replay is None else usage_conclusion(self.replay)


def replay_recorded(
    viewer: Viewer,
    *,
    connection: Connection,
    states: ComparedStates,
    now: datetime,
    days: int | None = None,
) -> RecordedReplay:
    """Replay the usage of the last days through a change, of the accounts that a viewer may see.

    The days end with that of `now` in UTC. `days`: how many, None: as the setting says.
    """
    days = days or settings.USAGE_REPLAY_DAYS
    since, until = _span(now, days)
    health = log_health(viewer, connection=connection, since=since, until=until, now=now)
    logs = _logs_json(health)
    if health.state == NO_SOURCE:
        result = replay_not_known(since=since, until=until, logs=logs)
        return RecordedReplay(days, NO_SOURCE, None, result)
    unchanged = unchanged_accounts(states)
    where: dict[str, Any] = {"connection": connection, "since": since, "until": until}
    replay = replay_through(
        states,
        used(viewer, **where, but_own_of=unchanged),
        own_calls(viewer, **where, account_ids=unchanged) if unchanged else None,
    )
    result = replay_result(replay, since=since, until=until, logs=logs)
    return RecordedReplay(days, health.state.value, replay, result)


def is_quick_replay(viewer: Viewer, *, connection: Connection, now: datetime, days: int) -> bool:
    """Whether so little was recorded that its replay may be waited for."""
    since, until = _span(now, days)
    rows = daily_usage(viewer, connection=connection, since=since, until=until)
    most = settings.USAGE_REPLAY_AT_ONCE
    return len(rows.order_by().values_list("day")[: most + 1]) <= most


def _span(now: datetime, days: int) -> tuple[date, date]:
    until = now.astimezone(UTC).date()
    return until - timedelta(days=days - 1), until


def _logs_json(health: LogHealth) -> JsonObject:
    """Return what a result says of the logs that it rests on."""
    return {
        "state": health.state.value,
        "reasons": list(health.reasons),
        "first_day": None if health.first_day is None else health.first_day.isoformat(),
        "last_day": None if health.last_day is None else health.last_day.isoformat(),
        "lag_seconds": health.lag_seconds,
        "gaps": health.gaps_found,
        "waiting": health.waiting,
        "refused": sum(each.objects for each in health.refused),
        "events": health.events,
        "unmapped": health.unmapped,
        "unmapped_share": health.unmapped_share,
        "accounts_without_logs": health.accounts_without_logs,
    }
