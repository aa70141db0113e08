"""Who used which action last, remembered for some minutes: it is read from every access there is.

At 10 million records that takes a third of a second, for each target and each number of days that
somebody looks at; remembered, all of them are answered from one reading.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from django.core.cache import caches

from inventory.models import Connection
from inventory.selectors.usage import used_actions
from inventory.viewing import Viewer, visible_key

_REMEMBERED_SECONDS: Final = 300

# Action → the day of its last use → the accounts whose last use it was.
_Remembered = dict[str, dict[str, list[str]]]


def remembered_use(
    viewer: Viewer,
    *,
    connection: Connection,
    since: date,
    today: date,
    account_ids: Collection[str],
) -> Mapping[str, Mapping[str, date]]:
    """Return what `used_actions` returns of the days up to today, as of five minutes ago at most.

    That nothing was used is not remembered. For pages; what is proposed asks `used_actions` itself.
    """
    key = f"used-actions:{connection.pk}:{visible_key(viewer, connection)}"
    remembered: _Remembered | None = caches["optional"].get(key)
    if remembered is None:
        remembered = _by_action(
            used_actions(viewer, connection=connection, since=date.min, until=date.max)
        )
        if remembered:
            caches["optional"].set(key, remembered, _REMEMBERED_SECONDS)
    wanted, first = frozenset(account_ids), since.isoformat()
    found: dict[str, dict[str, date]] = {}
    for action, days in remembered.items():
        for day, accounts in days.items():
            if day >= first:
                last = min(date.fromisoformat(day), today)
                for account_id in wanted.intersection(accounts):
                    found.setdefault(account_id, {})[action] = last
    return found


def _by_action(use: Mapping[str, Mapping[str, date]]) -> _Remembered:
    found: _Remembered = {}
    for account_id, actions in use.items():
        for action, day in actions.items():
            found.setdefault(action, {}).setdefault(day.isoformat(), []).append(account_id)
    return found
