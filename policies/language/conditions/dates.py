"""DateEquals, DateLessThan and so on. Source: IAM user guide, "Date condition operators".

A date is written as ISO 8601 (the W3C profile) or as seconds since 1970; the two may be mixed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from policies.language.conditions.numeric import ordered_leaf
from policies.language.conditions.values import Leaf
from policies.language.document import Operator

_ISO = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:[Tt](?P<hour>[0-9]{2}):?(?P<minute>[0-9]{2})(?::?(?P<second>[0-9]{2}(?:\.[0-9]{1,9})?))?"
    r"(?P<zone>[Zz]|[+-][0-9]{2}:?[0-9]{2})?)?)?)?"
)
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})[Tt]([0-9]{2})([0-9]{2})([0-9]{2})[Zz]")
_EPOCH = re.compile(r"-?(?:[0-9]{1,3}|[0-9]{5,18})(?:\.[0-9]{1,9})?")
_EPOCH_DAY = date(1970, 1, 1).toordinal()


def parse_date(text: str) -> Decimal | None:
    """Return the seconds since 1970 UTC a text stands for; None for what is no date.

    Four digits are a year. A date without a zone is UTC, one without a time begins its day.
    """
    if _EPOCH.fullmatch(text):
        return Decimal(text)
    compact = _COMPACT.fullmatch(text)
    if compact:
        year, month, day, hour, minute, second = compact.groups()
        text = f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    try:
        days = date(
            int(match["year"]), int(match["month"] or 1), int(match["day"] or 1)
        ).toordinal()
    except ValueError:
        return None
    hour_number, minute_number = int(match["hour"] or 0), int(match["minute"] or 0)
    second_number = Decimal(match["second"] or 0)
    if hour_number > 24 or minute_number > 59 or second_number >= 61:
        return None
    seconds = (days - _EPOCH_DAY) * 86400 + hour_number * 3600 + minute_number * 60
    return seconds + second_number - _zone_seconds(match["zone"])


def _zone_seconds(zone: str | None) -> int:
    if not zone or zone in "Zz":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
    return -seconds if zone[0] == "-" else seconds


def date_leaf(operator: Operator, values: Sequence[str]) -> Leaf:
    """Return the test of one text against a date operator's values."""
    return ordered_leaf(operator.value.removeprefix("Date"), values, parse_date)
