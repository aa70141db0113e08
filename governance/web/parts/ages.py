"""Times as people read them: relative, with the exact time in their time zone beside it."""

from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from django.utils import timezone

from governance.access.models import Profile

_date_format: ContextVar[str] = ContextVar("date_format", default="")
_FORMS: Final = {
    Profile.DateFormat.ISO.value: "%Y-%m-%d %H:%M",
    Profile.DateFormat.MONTH_DAY.value: "%b {day}, %Y {hour}:%M %p",
}
_USUAL_FORM: Final = "{day} %b %Y %H:%M"
_DAY_FORMS: Final = {
    Profile.DateFormat.ISO.value: "%Y-%m-%d",
    Profile.DateFormat.MONTH_DAY.value: "%b {day}, %Y",
}
_USUAL_DAY_FORM: Final = "{day} %b %Y"


def write_dates_as(date_format: str) -> None:
    """Choose one of `Profile.DateFormat` for this request; empty: the usual one."""
    _date_format.set(date_format)


def age(passed: timedelta) -> str:
    """Say how long something took or how long ago it was: `14 min`, `3 h`, `2 days`.

    `static/src/scripts/ages.js` says the same of a page that stays open.
    """
    minutes = int(passed.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 90:
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 48:
        return f"{hours} h"
    days = hours // 24
    if days < 90:
        return f"{days} days"
    months = days // 30
    if months < 25:
        return f"{months} months"
    return f"{days // 365} years"


def ago(moment: datetime, *, now: datetime) -> str:
    """Say when something was, or will be, seen from `now`: `14 min ago`, `in 3 h`."""
    if moment > now + timedelta(seconds=59):
        return f"in {age(moment - now)}"
    said = age(now - moment)
    return said if said == "just now" else f"{said} ago"


def exact(moment: datetime) -> str:
    """Write a time in full, in the person's time zone and form: `23 Nov 2026 19:24 UTC`."""
    form = _FORMS.get(_date_format.get(), _USUAL_FORM)
    return _written(moment, timezone.get_current_timezone(), form)


@lru_cache(maxsize=4096)
def _written(moment: datetime, at: tzinfo, form: str) -> str:
    local = moment.astimezone(at)
    written = local.strftime(form.format(day=local.day, hour=local.hour % 12 or 12))
    zone = local.tzname() or "UTC"
    return f"{written} {zone if zone[:1].isalpha() else f'UTC{zone}'}"


def day(value: date) -> str:
    """Write a day in the person's form: `23 Nov 2026`. A time is the day it has in their zone.

    A day that is no time, such as one of logs or the last of an exception, is a day in UTC.
    """
    if isinstance(value, datetime):
        value = value.astimezone(timezone.get_current_timezone())
    form = _DAY_FORMS.get(_date_format.get(), _USUAL_DAY_FORM)
    return value.strftime(form.format(day=value.day))


def utc(moment: datetime) -> str:
    """Write a time in full in UTC, for what several people read: `23 Nov 2026 19:24 UTC`."""
    moment = moment.astimezone(UTC)
    return f"{moment.day} {moment:%b %Y %H:%M} UTC"


def duration(seconds: float) -> str:
    """Write how long something took: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
