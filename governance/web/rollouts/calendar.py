"""The calendar of changes: windows, freezes, scheduled rollouts, ends of temporary changes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.changes.life.selectors import change_requests
from governance.changes.models import ChangeRequest
from governance.changes.states import CLOSED, ChangeState
from governance.changes.windows.deciding import CalendarEntry, WindowKind, calendar_entries
from governance.web.changes.frame import request_href, request_label
from governance.web.parts.pages import ConnectionPage, Crumb
from governance.web.rollouts.places import PlanPlaces, plan_places

_MONTH: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_SHOWN_A_DAY: Final = 8
_ENDS_STILL: Final = frozenset({*ChangeState} - CLOSED) | {
    ChangeState.APPLIED,
    ChangeState.RATIFIED,
}
_ICONS: Final = {
    "window": "calendar-clock",
    "freeze": "snowflake",
    "rollout": "player-play",
    "revert": "arrow-back-up",
}


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """Something on one day. `kind`: window, freeze, rollout or revert. `hours`: when that day."""

    kind: str
    label: str
    hours: str
    title: str = ""
    href: str = ""

    @property
    def icon(self) -> str:
        """Its icon."""
        return _ICONS[self.kind]

    @property
    def kind_label(self) -> str:
        """What it is, in a word."""
        return _LABELS[self.kind]


_LABELS: Final = {
    "window": "Window",
    "freeze": "Freeze",
    "rollout": "Rollout",
    "revert": "Reverts",
}


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day of the grid. `more`: events beyond those shown."""

    day: date
    events: tuple[CalendarEvent, ...]
    more: int
    is_today: bool
    is_past: bool
    in_month: bool


class ChangeCalendar(ConnectionPage):
    """A month with what may happen when."""

    required_right = rights.VIEW_CHANGES
    section = "changes"
    page_title = "Calendar"
    template_name = "governance/rollouts/calendar.html"

    def begin(self) -> None:
        """Read the month.

        :raises BadRequest: `month` is none, such as 2026-11.
        """
        super().begin()
        self.zone: tzinfo = timezone.get_current_timezone()
        self.today = self.now.astimezone(self.zone).date()
        given = self.request.GET.get("month", "")
        if given and not _MONTH.fullmatch(given):
            raise BadRequest("month is written as 2026-11.")
        self.month = date.fromisoformat(f"{given}-01") if given else self.today.replace(day=1)

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the queue and the calendar."""
        queue = reverse("change-requests", kwargs={"slug": self.connection.slug})
        return [Crumb("Changes", queue), Crumb("Calendar")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the days and the months around."""
        begins, ends = _grid(self.month)
        spans = self.spans(begins, ends)
        following = (self.month + timedelta(days=32)).replace(day=1)
        before = (self.month - timedelta(days=1)).replace(day=1)
        return super().get_context_data(
            month=self.month,
            days=[self.day(begins + timedelta(days=n), spans) for n in range((ends - begins).days)],
            weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
            before=f"{before:%Y-%m}",
            following=f"{following:%Y-%m}",
            zone_name=self.now.astimezone(self.zone).tzname() or "UTC",
            has_rules=any(one.kind in {"window", "freeze"} for one in spans),
            **kwargs,
        )

    def spans(self, begins: date, ends: date) -> list["EventSpan"]:
        """Return what touches the days, by its beginning."""
        since, until = self.midnight(begins), self.midnight(ends)
        places = plan_places(self.viewer, connection=self.connection)
        found = [_of_entry(one, places) for one in calendar_entries(self.connection, since, until)]
        asked = change_requests(self.viewer, connection=self.connection)
        due = asked.filter(
            state=ChangeState.SCHEDULED, scheduled_for__gte=since, scheduled_for__lt=until
        )
        found += [
            self.moment("rollout", one.scheduled_for, one) for one in due if one.scheduled_for
        ]
        ending = asked.filter(state__in=_ENDS_STILL, revert_at__gte=since, revert_at__lt=until)
        found += [self.moment("revert", one.revert_at, one) for one in ending if one.revert_at]
        return sorted(found, key=lambda span: (span.begins_at, span.label))

    def moment(self, kind: str, at: datetime, asked: ChangeRequest) -> "EventSpan":
        """Return something of a request that happens at one time."""
        label = f"{request_label(asked.number)} {asked.title}"
        href = request_href(self.connection.slug, asked.number)
        return EventSpan(kind, label, at, at, href=href)

    def midnight(self, day: date) -> datetime:
        """Return when a day begins."""
        return datetime.combine(day, time.min, tzinfo=self.zone)

    def day(self, day: date, spans: Iterable["EventSpan"]) -> CalendarDay:
        """Prepare one day."""
        begins, ends = self.midnight(day), self.midnight(day + timedelta(days=1))
        events = [one.on(begins, ends, self.zone) for one in spans if one.touches(begins, ends)]
        return CalendarDay(
            day=day,
            events=tuple(events[:_SHOWN_A_DAY]),
            more=max(len(events) - _SHOWN_A_DAY, 0),
            is_today=day == self.today,
            is_past=day < self.today,
            in_month=day.month == self.month.month,
        )


@dataclass(frozen=True, slots=True)
class EventSpan:
    """Something from one time to another, or at one time."""

    kind: str
    label: str
    begins_at: datetime
    ends_at: datetime
    title: str = ""
    href: str = ""

    def touches(self, begins: datetime, ends: datetime) -> bool:
        """Whether it falls on a day."""
        if self.begins_at == self.ends_at:
            return begins <= self.begins_at < ends
        return self.begins_at < ends and self.ends_at > begins

    def on(self, begins: datetime, ends: datetime, zone: tzinfo) -> CalendarEvent:
        """Return its part on a day."""
        first = "" if self.begins_at < begins else f"{self.begins_at.astimezone(zone):%H:%M}"
        last = "" if self.ends_at > ends else f"{self.ends_at.astimezone(zone):%H:%M}"
        if self.begins_at == self.ends_at:
            hours = first
        elif first and last:
            hours = f"{first} to {'24:00' if self.ends_at == ends else last}"
        else:
            hours = f"from {first}" if first else (f"until {last}" if last else "all day")
        return CalendarEvent(self.kind, self.label, hours, self.title, self.href)


def _grid(month: date) -> tuple[date, date]:
    """Return the first Monday shown and the day after the last Sunday."""
    begins = month - timedelta(days=month.weekday())
    following = (month + timedelta(days=32)).replace(day=1)
    return begins, following + timedelta(days=-following.weekday() % 7)


def _of_entry(entry: CalendarEntry, places: PlanPlaces) -> EventSpan:
    where = ", ".join(places.target(one).name for one in entry.target_ids[:3])
    if len(entry.target_ids) > 3:
        where += f" and {len(entry.target_ids) - 3} more"
    said = [f"in {where}" if where else "everywhere", entry.reason]
    return EventSpan(
        "freeze" if entry.kind is WindowKind.FREEZE else "window",
        entry.name,
        entry.begins_at,
        entry.ends_at,
        title="; ".join(part for part in said if part),
    )
