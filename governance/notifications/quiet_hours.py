"""When somebody is told: grouped, and not at quiet hours."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

GROUPING_CHOICES: Final = (0, 5, 15, 60, 240, 1440)
USUAL_GROUPING: Final = 15


@dataclass(frozen=True, slots=True)
class Timing:
    """When one person wants to be told.

    `grouping`: how long after the first event others may join it. `quiet`: from when until when
    nothing is sent, by the clock of `zone`; None: at no time.
    """

    grouping: timedelta
    zone: tzinfo
    quiet: tuple[time, time] | None = None

    def due_at(self, occurred_at: datetime, *, urgent: bool) -> datetime:
        """Return when to tell of an event at the earliest; an urgent one at once."""
        if urgent:
            return occurred_at
        due = occurred_at + self.grouping
        return due if self.quiet is None else end_of_quiet(due, self.quiet, self.zone)


def end_of_quiet(at: datetime, quiet: tuple[time, time], zone: tzinfo) -> datetime:
    """Return `at`, or if the clock then stands within quiet hours, the end of these.

    Quiet hours whose end is the earlier one last past midnight; equal ones are none. Where the
    clock is put forward over their end, they end at the first time that there is after it.
    """
    begins, ends = quiet
    if begins == ends:
        return at
    local = at.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    if begins < ends:
        within, days = begins <= clock < ends, 0
    else:
        within, days = clock >= begins or clock < ends, int(clock >= begins)
    if not within:
        return at
    day = local.date() + timedelta(days=days)
    # Where the clock is put back over it, the end comes twice: the first one that is in the future.
    both = (datetime.combine(day, ends, tzinfo=zone).replace(fold=fold) for fold in (0, 1))
    return next((end for end in (each.astimezone(UTC) for each in both) if end > at), at)
