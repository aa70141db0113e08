"""Times and links of a rollout's steps, which are shown in UTC for whoever watches together."""

from datetime import UTC, datetime
from typing import Any

from django import template
from django.utils.http import urlencode

register = template.Library()


@register.simple_tag(takes_context=True)
def step_link(context: dict[str, Any], number: int) -> str:
    """Return the address that opens a step, and of the open one the address that closes it."""
    monitor = context["monitor"]
    query: dict[str, str | int] = {"steps": monitor.only}
    if monitor.first > 1:
        query["from"] = monitor.first
    selected = monitor.selected
    if selected is None or selected.step.number != number:
        query["step"] = number
    return f"{context['page_href']}?{urlencode(query)}#step-{number}"


@register.filter
def clock_utc(moment: datetime, digits: int = 0) -> str:
    """Write the time of day in UTC: `09:01:05`, or with milliseconds."""
    written = moment.astimezone(UTC)
    return f"{written:%H:%M:%S}" + (f".{written.microsecond // 1000:03d}" if digits else "")


@register.filter
def day_utc(moment: datetime) -> str:
    """Write the day in UTC: `Tue 24 Nov`."""
    written = moment.astimezone(UTC)
    return f"{written:%a} {written.day} {written:%b}"
