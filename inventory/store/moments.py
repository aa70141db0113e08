"""The times by which versions are told apart: of one organization they only go up."""

from datetime import datetime, timedelta

from django.db.models import Max

from inventory.models import Connection, SuspectedDeletion

_STEP = timedelta(microseconds=1)


def next_moment(connection: Connection, *, now: datetime | None = None) -> datetime:
    """Return a time after all at which versions of an organization began or ended so far.

    Whatever clocks do. `now`: at least this time, for a run that starts. None: the very next, for
    what a person closes between two runs; a run that starts later is after it.
    :raises ValueError: nothing has begun yet, and `now` is None.
    """
    latest: list[datetime | None] = [
        connection.runs.aggregate(at=Max("started_at"))["at"],
        SuspectedDeletion.objects.filter(connection=connection).aggregate(at=Max("closed_at"))[
            "at"
        ],
    ]
    after = [at + _STEP for at in latest if at is not None]
    if now is not None:
        after.append(now)
    return max(after)
