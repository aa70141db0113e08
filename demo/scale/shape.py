"""How large the made-up organization is, and when it was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random


@dataclass(frozen=True, slots=True)
class Shape:
    """Numbers of things. `ended_at`: when the newest run ended.

    `recorded_runs`: of how many of the newest runs there are tasks and coverage; `covers_accounts`:
    of accounts too, not of the organization alone.
    """

    ended_at: datetime
    accounts: int = 10_000
    units: int = 400
    service_control_policies: int = 200
    principals: int = 500_000
    recorded_runs: int = 6
    covers_accounts: bool = True

    def run_times(self) -> list[datetime]:
        """Return the starts of the runs of the whole organization, the oldest first."""
        newest = self.ended_at - timedelta(minutes=21)
        return [newest - timedelta(hours=hours) for hours in (96, 72, 48, 24, 12, 0)]


@dataclass(frozen=True, slots=True)
class Span:
    """From which run's start until which a version holds; until None: still."""

    seen_from: datetime
    seen_until: datetime | None = None


def chance(*key: object) -> Random:
    """Return a source of chance of its own for each thing, so that order does not matter."""
    return Random("/".join(str(part) for part in key))


def spans(times: Sequence[datetime], changes: Sequence[int]) -> list[Span]:
    """Return the spans between the first run and now, cut at the runs of these places."""
    cuts = [times[0], *(times[place] for place in sorted(set(changes)))]
    return [Span(begin, end) for begin, end in zip(cuts, [*cuts[1:], None], strict=True)]
