"""Reads the time that somebody wants to look back to."""

import re
from datetime import UTC, datetime, time
from typing import Final

from django.utils.dateparse import parse_date, parse_datetime

from inventory.selectors.connections import KnownSince

# At the ends of the calendar a time has no date in some time zones.
_YEARS: Final = range(2, 9999)
# A `+` that was not escaped in an address arrives as a space.
_LOST_PLUS: Final = re.compile(r"(?<=\d) (?=\d\d:?\d\d$)")


class BadMoment(ValueError):
    """The text is no time; the message says what would be."""


class UnknownMoment(ValueError):
    """No data for that time. `known`: the span that can be looked back on."""

    def __init__(self, message: str, known: KnownSince) -> None:
        super().__init__(message)
        self.known = known


def parse_moment(text: str, *, now: datetime) -> datetime:
    """Read an ISO 8601 time. Without an offset it is UTC; a date alone is the end of that day.

    The end of the day that `now` lies in is `now`.

    :raises BadMoment: the text is neither a date nor a time, or one that not every time zone has.
    """
    message = f"{text!r} is not a time; give one such as 2026-11-23T19:24:00Z, or a date"
    try:
        day = parse_date(text) if "T" not in text else None
        moment = parse_datetime(_LOST_PLUS.sub("+", text)) if day is None else None
    except ValueError as error:
        raise BadMoment(f"{message} ({error})") from error
    if day is not None and day.year in _YEARS:
        moment = datetime.combine(day, time.max, tzinfo=UTC)
        return now if day == now.astimezone(UTC).date() else moment
    if moment is None or moment.year not in _YEARS:
        raise BadMoment(message)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def check_moment(moment: datetime, *, known: KnownSince, now: datetime) -> None:
    """Let a time pass that something is known of.

    :raises UnknownMoment: it is to come, or lies before the first run.
    """
    if moment > now:
        raise UnknownMoment(f"{moment.isoformat()} is in the future", known)
    if known.first_run_at is None:
        raise UnknownMoment("no run has read this organization to its end yet", known)
    if moment < known.first_run_at:
        raise UnknownMoment(
            f"nothing is known of {moment.isoformat()}: "
            f"the first run started at {known.first_run_at.isoformat()}",
            known,
        )
