"""The two times of a comparison: each a time or an inventory run, chosen or by default."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from governance.snapshots.times import BadMoment, UnknownMoment, check_moment, parse_moment
from inventory.models import Connection, InventoryRun
from inventory.selectors.connections import KnownSince, known_since
from inventory.selectors.runs import runs
from inventory.selectors.snapshots import last_changed_at, snapshot_runs
from inventory.viewing import Viewer

_LONGEST_RUN_ID: Final = 18


@dataclass(frozen=True, slots=True)
class Moment:
    """One of the two times. `text`: as an address names it: a run's number, or a time.

    `run`: the one that was named. `as_of`: None if it is now, so that the open rows are meant.
    """

    at: datetime
    text: str
    run: InventoryRun | None = None
    as_of: datetime | None = None


class UnusableRun(BadMoment):
    """The run that was named read nothing that could be compared; the message says why."""


def now_moment(now: datetime) -> Moment:
    """Return the present as a side of a comparison."""
    return Moment(now, "now")


def run_moment(run: InventoryRun) -> Moment:
    """Return a run as a side of a comparison.

    :raises UnusableRun: it has not begun.
    """
    if run.started_at is None:
        raise UnusableRun(f"run {run.pk} has not begun, so it saw nothing yet; choose another one")
    return Moment(run.started_at, str(run.pk), run, run.started_at)


def read_moment(
    viewer: Viewer,
    *,
    connection: Connection,
    text: str,
    now: datetime,
    known: KnownSince | None = None,
) -> Moment:
    """Read a side of a comparison: the number of a run, an ISO 8601 time, or `now`.

    `known`: what `known_since` tells, where it was asked already.

    :raises BadMoment: it is none of them, or names a run that there is not.
    :raises UnknownMoment: it lies before the first run, or is in the future.
    """
    if text == "now":
        return now_moment(now)
    if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_RUN_ID:
        run = runs(viewer, connection=connection).filter(pk=int(text)).first()
        if run is None:
            raise BadMoment(
                f"{connection.slug} has no inventory run {text}; give the number of one of its "
                "runs, or a time such as 2026-11-23T19:24:00Z"
            )
        found = run_moment(run)
    else:
        at = parse_moment(text, now=now)
        found = Moment(at, at.isoformat().replace("+00:00", "Z"), None, at)
    check_moment(found.at, known=known or known_since(viewer, connection=connection), now=now)
    return found


def usual_moments(
    viewer: Viewer, *, connection: Connection, now: datetime
) -> tuple[Moment, Moment] | None:
    """Return the last two states that differ: the run that last saw something change, and the run
    before it.

    Where nothing ever changed, the newest two runs. None before the second run.
    """
    changed_at = last_changed_at(viewer, connection=connection)
    if changed_at is None:
        return None
    states = snapshot_runs(viewer, connection=connection)
    earlier = states.filter(started_at__lt=changed_at).first()
    if earlier is not None:
        later = states.filter(started_at=changed_at).first()
        # A run that goes on, or failed later, may have written it.
        return run_moment(earlier), run_moment(later) if later else now_moment(now)
    newest = list(states[:2])
    return (run_moment(newest[1]), run_moment(newest[0])) if len(newest) > 1 else None


__all__ = [
    "BadMoment",
    "Moment",
    "UnknownMoment",
    "UnusableRun",
    "now_moment",
    "read_moment",
    "run_moment",
    "usual_moments",
]
