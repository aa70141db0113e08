"""The timeline: how many findings stood each day, and what was found and resolved."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from governance.access import rights
from governance.inbox.models import InboxEvent, InboxItem
from governance.inbox.selectors import InboxDay, inbox_items, inbox_trend, timeline
from governance.inbox.shown import FindingsShown
from governance.web.findings.frame import FindingScreen
from governance.web.findings.rows import place_words
from governance.web.parts.filters import address, choice_chip
from governance.web.parts.keyset import keyset_links, keyset_page
from inventory.selectors.freshness import FINDING_TABLES

Source, What = InboxItem.Source, InboxEvent.What
_DAYS: Final = 90
_PAGE_SIZE: Final = 50
_COUNTED_UP_TO: Final = 2000


class FindingTimeline(FindingScreen):
    """What was found, resolved and set aside, the latest first, below the trend."""

    required_right = rights.VIEW_FINDINGS
    tab = "timeline"
    shows_tables = FINDING_TABLES
    template_name = "governance/findings/timeline.html"

    def sources(self) -> list[str]:
        """Return the sources that the address asks for."""
        return [one for one in self.request.GET.getlist("source") if one in Source.values]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the trend and the events."""
        query, sources = self.request.GET, self.sources()
        items = inbox_items(self.viewer, connection=self.connection)
        if sources:
            items = items.filter(source__in=sources)
        days = inbox_trend(
            self.viewer, connection=self.connection, now=self.now, days=_DAYS, rows=items
        )
        events = timeline(self.viewer, connection=self.connection, sources=sources)
        page = keyset_page(
            query,
            events,
            fields=("at", "pk"),
            descending=True,
            page_size=_PAGE_SIZE,
            shown=events,
            # One may have left the list since its page was shown.
            start_rows=lambda: InboxEvent.objects.filter(item__connection=self.connection),
            counted_up_to=_COUNTED_UP_TO,
        )
        return super().get_context_data(
            days=days,
            trend=trend_line(days),
            first=days[0] if days else None,
            last=days[-1] if days else None,
            found=sum(day.found for day in days),
            resolved=sum(day.resolved for day in days),
            rows=page,
            row_noun="entry,entries",
            by_day=_by_day(list(page.object_list), FindingsShown(self.viewer, self.connection)),
            chips=[
                choice_chip(
                    query, "source", "Source", [(one.value, str(one.label)) for one in Source]
                )
            ],
            plain=True,
            **keyset_links(query, page),
            without_filters=address(query, source=None),
            **kwargs,
        )


def trend_line(days: Sequence[InboxDay], *, width: int = 720, height: int = 96) -> dict[str, Any]:
    """Return the points of a line over days, on a scale from 0 to its highest."""
    most = max((day.open for day in days), default=0) or 1
    step = width / max(1, len(days) - 1)
    points = [
        (round(number * step, 1), round(height - height * day.open / most, 1))
        for number, day in enumerate(days)
    ]
    return {
        "points": " ".join(f"{x},{y}" for x, y in points),
        "last": points[-1] if points else (0, height),
        "width": width,
        "height": height,
        "most": most,
    }


def _by_day(
    events: Sequence[InboxEvent], shown: FindingsShown
) -> list[tuple[date, list[dict[str, Any]]]]:
    days: dict[date, list[dict[str, Any]]] = {}
    for event in events:
        seen = shown.of(event.item)
        days.setdefault(event.at.date(), []).append(
            {
                "event": event,
                "words": What(event.what).label,
                "item": event.item,
                "title": seen.title,
                "where": place_words(event.item, seen),
            }
        )
    return list(days.items())
