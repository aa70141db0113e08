"""A plan → the objects that CloudTrail has delivered until the organization was seeded.

How often each call is made on each day is drawn from a Poisson distribution, the same for the same
seed; what an SCP of the organization denies is denied with AWS's message. Some events come twice
and some late, as they do from CloudTrail.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from demo.cloudtrail.alike_calls import AlikeCalls, AlikeCallsOf
from demo.cloudtrail.inputs import HistoryInput
from demo.cloudtrail.log_files import LogObject, TrailWriter
from demo.cloudtrail.planted import planted_events

_DAY_SECONDS: Final = 86_400
_TWICE: Final = 0.004
"""The share of events that are delivered a second time, in a later object."""
_LATE: Final = 0.01
"""The share of objects that are delivered a day late."""
_HOURS: Final = {
    "always": np.ones(24),
    "office": np.array([0] * 6 + [1, 3, 6, 8, 8, 7, 5, 7, 8, 7, 5, 2, 1, 1] + [0] * 4, float),
    "night": np.array([2, 8, 8, 4, 1] + [0] * 17 + [1, 2], float),
    "daily": np.array([1] + [0] * 23, float),
}
_WEEKEND: Final = {"always": 0.8, "office": 0.06, "night": 1.0, "daily": 1.0}


@dataclass(frozen=True, slots=True)
class History:
    """Makes the objects that were delivered until the seeding."""

    given: HistoryInput

    def objects(self) -> list[LogObject]:
        """Return all objects, in order of their keys.

        :raises BadOrganization: the files name an account that is not there.
        """
        self.given.check_accounts()
        rng = np.random.default_rng(self.given.plan.seed)
        classes = list(AlikeCallsOf(self.given).all())
        texts = self._drawn(classes, rng)
        for event in planted_events(self.given):
            key = (event.account_id, event.region, _day_of(event.at))
            texts[key].append((event.at.timestamp(), event.text))
        return self._packed(texts, rng)

    def _drawn(
        self, classes: list[AlikeCalls], rng: np.random.Generator
    ) -> dict[tuple[str, str, int], list[tuple[float, str]]]:
        """Return the events of each account, region and day, with their times."""
        last = _day_of(self.given.seeded_at)
        days = np.arange(last - self.given.plan.days, last + 1)
        is_weekend = np.array([(day + 3) % 7 >= 5 for day in days])  # 1970-01-01 was a Thursday
        per_day = np.array([each.per_day for each in classes])
        weekend = np.array([_WEEKEND[each.when] for each in classes])
        means = per_day[:, None] * np.where(is_weekend[None, :], weekend[:, None], 1.0)
        is_exact = np.array([each.when == "daily" for each in classes])
        counts = np.where(is_exact[:, None], means.astype(int), rng.poisson(means))
        found: dict[tuple[str, str, int], list[tuple[float, str]]] = defaultdict(list)
        ends_at = self.given.seeded_at.timestamp()
        for number, alike in enumerate(classes):
            day_of_event = np.repeat(days, counts[number])
            n = len(day_of_event)
            if not n:
                continue
            weights = _HOURS[alike.when]
            hours = rng.choice(24, n, p=weights / weights.sum())
            times = day_of_event * _DAY_SECONDS + hours * 3600 + rng.integers(0, 3600, n)
            ids = rng.bytes(32 * n).hex()
            who = rng.integers(0, max(1, len(alike.sessions)), n)
            for index, at in enumerate(times.tolist()):
                if at >= ends_at:
                    continue
                values = _values(at, ids[64 * index : 64 * index + 64], alike, int(who[index]))
                key = (alike.account_id, alike.region, int(day_of_event[index]))
                found[key].append((at, alike.template.filled(values)))
                if alike.copy is not None:
                    template, account_id = alike.copy
                    other = (values[0], _uuid(ids[64 * index + 7 : 64 * index + 39]), *values[2:])
                    key = (account_id, alike.region, int(day_of_event[index]))
                    found[key].append((at, template.filled(other)))
        return found

    def _packed(
        self,
        texts: Mapping[tuple[str, str, int], list[tuple[float, str]]],
        rng: np.random.Generator,
    ) -> list[LogObject]:
        writer = TrailWriter(self.given.organization.organization_id)
        missing = self._missing()
        late = rng.random(len(texts)) < _LATE
        objects = []
        again: dict[tuple[str, str], list[str]] = defaultdict(list)
        for number, key in enumerate(sorted(texts)):
            account_id, region, day = key
            if key in missing:
                continue
            events = [text for _, text in sorted(texts[key])]
            delivered = [*again.pop((account_id, region), ()), *events]
            twice = rng.random(len(events)) < _TWICE
            again[account_id, region] += [events[index] for index in np.flatnonzero(twice)]
            starts_at = datetime.fromtimestamp(day * _DAY_SECONDS, UTC)
            at = min(starts_at + timedelta(days=2 if late[number] else 1), self.given.seeded_at)
            objects.append(
                writer.log_object(account_id, region, starts_at, at, number, ",".join(delivered))
            )
        return sorted(objects, key=lambda each: each.key)

    def _missing(self) -> set[tuple[str, str, int]]:
        ids = {account.name: account.account_id for account in self.given.accounts}
        today = _day_of(self.given.seeded_at)
        return {
            (ids[each.account], each.region, today - days)
            for each in self.given.plan.missing
            for days in each.days_ago
        }


def _values(at: float, digits: str, alike: AlikeCalls, who: int) -> tuple[str, str, str, str, str]:
    moment = datetime.fromtimestamp(at, UTC)
    began = moment - timedelta(seconds=int(digits[:3], 16) % 3000)
    return (
        f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        _uuid(digits[:32]),
        _uuid(digits[32:]),
        alike.sessions[who] if alike.sessions else "",
        f"{began:%Y-%m-%dT%H:%M:%SZ}",
    )


def _uuid(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"


def _day_of(at: datetime) -> int:
    """Return the days since 1970 in UTC."""
    return int(at.timestamp()) // _DAY_SECONDS
