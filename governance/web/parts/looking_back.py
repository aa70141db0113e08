"""The time a page looks back to, and when nothing is known of it."""

from datetime import datetime

from django.core.exceptions import BadRequest

from governance.snapshots.times import BadMoment, parse_moment
from governance.web.parts.ages import exact


class NothingKnownThen(Exception):
    """The time looked at lies before the first run. `first_run_at`: when that was."""

    def __init__(self, first_run_at: datetime) -> None:
        self.first_run_at = first_run_at
        super().__init__(
            f"The first run that read this organization started at {exact(first_run_at)}."
        )


def parse_as_of(text: str, *, now: datetime) -> datetime | None:
    """Read the time that a page looks back to; empty or a time to come is now, None.

    :raises BadRequest: it is no date and no time.
    """
    if not text:
        return None
    try:
        moment = parse_moment(text, now=now)
    except BadMoment as error:
        raise BadRequest(f"as_of cannot be read: {error}.") from None
    return moment if moment < now else None
