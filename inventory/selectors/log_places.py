"""What some days' logs come to, by account and region, found in one pass over the days.

An organization of 1,000 accounts has tens of thousands of such days: they are read once, and what
is asked of them is added up from the places.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from inventory.models import LogDay

_WAS_READ: Final = Q(objects_read__gt=0)
# A day whose digests are in order has no gap, even without a file: nothing happened.
COVERED: Final = Q(objects_found__gt=0) | Q(digests=LogDay.Digests.VERIFIED)


@dataclass(frozen=True, slots=True)
class LogPlaceDays:
    """The days of one account and region.

    `first_day`, `last_day`: of which files were read, and `newest_at` of the newest; None: none
    was. `covered`: days of which it is known what happened, between the first and last of them.
    `events`, `duplicates`, `unmapped`: of files that were read. `digests`: days by what checking
    them said.
    """

    account_id: str
    region: str
    first_day: date | None
    last_day: date | None
    newest_at: datetime | None
    events: int
    duplicates: int
    unmapped: int
    covered: int
    first_covered: date | None
    last_covered: date | None
    digests: Mapping[LogDay.Digests, int]

    @property
    def has_gap(self) -> bool:
        """Whether a day between the first and the last is not covered."""
        if self.first_covered is None or self.last_covered is None:
            return False
        return self.covered < (self.last_covered - self.first_covered).days + 1


def log_places(days: "QuerySet[LogDay]", *, of_one_source: bool) -> list[LogPlaceDays]:
    """Return the places of some days, in one query. `of_one_source`: no day is in two sources."""
    said = [each for each in LogDay.Digests if each is not LogDay.Digests.UNCHECKED]
    counted: dict[str, Any] = {
        f"digests_{each.value}": Count("pk", filter=Q(digests=each)) for each in said
    }
    rows: Any = (
        days.order_by()
        .values("account_id", "region")
        .annotate(
            first=Min("day", filter=_WAS_READ),
            last=Max("day", filter=_WAS_READ),
            newest=Max("newest_at", filter=_WAS_READ),
            events_read=Sum("events", filter=_WAS_READ, default=0),
            repeated=Sum("duplicates", filter=_WAS_READ, default=0),
            not_mapped=Sum("unmapped", filter=_WAS_READ, default=0),
            covered=Count("day", filter=COVERED, distinct=not of_one_source),
            first_covered=Min("day", filter=COVERED),
            last_covered=Max("day", filter=COVERED),
            found=Count("pk"),
            **counted,
        )
    )
    return [_place(row, said) for row in rows]


def _place(row: Mapping[str, Any], said: Sequence[LogDay.Digests]) -> LogPlaceDays:
    checked = {each: int(row[f"digests_{each.value}"]) for each in said}
    return LogPlaceDays(
        account_id=row["account_id"],
        region=row["region"],
        first_day=row["first"],
        last_day=row["last"],
        newest_at=row["newest"],
        events=row["events_read"],
        duplicates=row["repeated"],
        unmapped=row["not_mapped"],
        covered=row["covered"],
        first_covered=row["first_covered"],
        last_covered=row["last_covered"],
        digests={LogDay.Digests.UNCHECKED: row["found"] - sum(checked.values()), **checked},
    )


def digests_of(places: Sequence[LogPlaceDays]) -> Mapping[LogDay.Digests, int]:
    """Return how many days there are by what checking their digest files said."""
    found: Counter[LogDay.Digests] = Counter()
    for place in places:
        found.update(place.digests)
    return {said: found[said] for said in LogDay.Digests}
