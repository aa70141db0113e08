"""Recurring times by RFC 5545's rules, in a time zone's wall clock.

The part of RRULE that people need, so that no rule can keep a process busy: YEARLY, MONTHLY, WEEKLY
and DAILY, with INTERVAL, COUNT, UNTIL, BYDAY, BYMONTH, BYMONTHDAY, BYSETPOS and WKST.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrule, rrulestr

LONGEST_MINUTES: Final = 60 * 24 * 366
MOST_OCCURRENCES: Final = 2000
_HORIZON: Final = timedelta(days=366 * 10)
_LONGEST_RULE: Final = 300
_YEARS: Final = range(2000, 2100)
_DAY: Final = r"(?:MO|TU|WE|TH|FR|SA|SU)"
_INTEGERS: Final = r"-?\d{1,2}(?:,-?\d{1,2}){0,30}"
# By member what its value looks like.
_MEMBERS: Final[Mapping[str, re.Pattern[str]]] = {
    "FREQ": re.compile(r"YEARLY|MONTHLY|WEEKLY|DAILY"),
    "INTERVAL": re.compile(r"[1-9]\d{0,2}"),
    "COUNT": re.compile(r"[1-9]\d{0,3}"),
    "UNTIL": re.compile(r"\d{8}(?:T\d{6}Z?)?"),
    "BYDAY": re.compile(rf"(?:[+-]?[1-5])?{_DAY}(?:,(?:[+-]?[1-5])?{_DAY}){{0,30}}"),
    "BYMONTH": re.compile(r"\d{1,2}(?:,\d{1,2}){0,11}"),
    "BYMONTHDAY": re.compile(_INTEGERS),
    "BYSETPOS": re.compile(_INTEGERS),
    "WKST": re.compile(_DAY),
}
_OF_MONTHS: Final = frozenset({"BYMONTHDAY", "BYSETPOS"})


class RecurrenceInvalid(ValueError):
    """A rule, time, length or time zone is not one. `member`: which of them."""

    def __init__(self, member: str, message: str) -> None:
        self.member = member
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Spans of time. Build it by `recurrence`.

    `rule`: an RRULE; empty: it happens once. `starts`: of the first, in the time zone's wall clock.
    `minutes`: how long each lasts; it ends by the clock of UTC, so that a change to summer time
    makes none longer or shorter.
    """

    rule: str
    starts: datetime
    minutes: int
    zone: ZoneInfo

    def spans(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the spans that touch `since` to `until`, by their starts, in UTC.

        At most `MOST_OCCURRENCES`, the earliest ones.
        """
        length = timedelta(minutes=self.minutes)
        # A day on both sides: a wall clock may stand that far from UTC.
        first = _naive(since) - length - timedelta(days=1)
        last = _naive(until) + timedelta(days=1)
        found = 0
        for wall in self._starts(first, last):
            begin = wall.replace(tzinfo=self.zone).astimezone(UTC)
            if begin >= until or begin + length <= since:
                continue
            yield begin, begin + length
            found += 1
            if found >= MOST_OCCURRENCES:
                return

    def _starts(self, first: datetime, last: datetime) -> Iterator[datetime]:
        if not self.rule:
            if first <= self.starts <= last:
                yield self.starts
            return
        for each in _rule(self.rule, self.starts):
            if each > last:
                return
            if each >= first:
                yield each


def recurrence(*, rule: str, starts: str, minutes: int, time_zone: str) -> Recurrence:
    """Read a recurring time.

    `starts`: such as 2026-12-01T22:00. `time_zone`: a name such as Europe/Berlin.

    :raises RecurrenceInvalid: naming the member that is wrong.
    """
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"{time_zone!r} is not a time zone; give one such as Europe/Berlin or UTC"
        raise RecurrenceInvalid("time_zone", message) from None
    try:
        first = datetime.strptime(starts, "%Y-%m-%dT%H:%M")  # noqa: DTZ007
    except ValueError:
        message = "give a date and time such as 2026-12-01T22:00"
        raise RecurrenceInvalid("starts", message) from None
    if first.year not in _YEARS:
        raise RecurrenceInvalid("starts", f"give a year from {_YEARS[0]} to {_YEARS[-1]}")
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise RecurrenceInvalid("minutes", f"give 1 to {LONGEST_MINUTES:,} minutes")
    checked = _checked_rule(rule, zone)
    if checked:
        _check_happens(checked, first)
    return Recurrence(checked, first, minutes, zone)


def _checked_rule(rule: str, zone: ZoneInfo) -> str:
    text = rule.strip().upper().removeprefix("RRULE:")
    if not text:
        return ""
    if len(text) > _LONGEST_RULE:
        raise RecurrenceInvalid("rule", f"give at most {_LONGEST_RULE} characters")
    members: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        form = _MEMBERS.get(name)
        if form is None:
            known = ", ".join(_MEMBERS)
            raise RecurrenceInvalid("rule", f"{name!r} is not understood; known are {known}")
        if name in members or not form.fullmatch(value):
            raise RecurrenceInvalid("rule", f"{name}={value} is not understood")
        members[name] = value
    if "FREQ" not in members:
        raise RecurrenceInvalid("rule", "begin with FREQ=WEEKLY, DAILY, MONTHLY or YEARLY")
    if "COUNT" in members and "UNTIL" in members:
        raise RecurrenceInvalid("rule", "give COUNT or UNTIL, not both")
    of_months = _OF_MONTHS & set(members) or re.search(r"\d", members.get("BYDAY", ""))
    if members["FREQ"] in {"DAILY", "WEEKLY"} and of_months:
        said = "BYMONTHDAY, BYSETPOS and days such as 1MO go with MONTHLY and YEARLY"
        raise RecurrenceInvalid("rule", said)
    if "UNTIL" in members:
        members["UNTIL"] = _wall_clock(members["UNTIL"], zone)
    return ";".join(f"{name}={value}" for name, value in members.items())


def _wall_clock(until: str, zone: ZoneInfo) -> str:
    """Return an end in the wall clock of the time zone, as the start is written.

    RFC 5545, 3.3.10: with a Z it is UTC. A day alone ends with that day, as calendars show it.
    """
    if "T" not in until:
        return f"{until}T235959"
    if not until.endswith("Z"):
        return until
    try:
        at = datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise RecurrenceInvalid("rule", f"UNTIL={until} is not a time") from None
    return f"{at.astimezone(zone):%Y%m%dT%H%M%S}"


def _check_happens(rule: str, first: datetime) -> None:
    try:
        happens = next(iter(_rule(rule, first)), None)
    except (ValueError, TypeError, OverflowError) as error:
        raise RecurrenceInvalid("rule", f"this is not a rule: {error}") from None
    if happens is None or happens > first + _HORIZON:
        raise RecurrenceInvalid("rule", "it never happens within ten years")


@lru_cache(maxsize=256)
def _rule(rule: str, starts: datetime) -> rrule:
    """Return the rule; none of its members may make it more than one a day."""
    return rrulestr(rule, dtstart=starts, cache=False)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
