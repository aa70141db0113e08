"""Times as people read them: relative, with the exact UTC time beside it."""

from datetime import UTC, datetime, timedelta


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


def utc(moment: datetime) -> str:
    """Write a time in full: `23 Nov 2026 19:24 UTC`."""
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
