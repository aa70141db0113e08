"""Denials ordered by how often each was denied: sums of days, which no index holds."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from governance.web.parts.keyset import KeysetRows, counted_page, cut_page, no_such_row
from governance.web.parts.lists import EXPORT_CHUNK
from governance.web.usage.hours import HourlyList
from inventory.models import DailyDenial
from inventory.selectors.usage_counts import counted_denials, denials_by_calls


class DenialsByCalls(HourlyList):
    """A list of denials whose column `count` sorts by the calls of the days asked for."""

    def rows_page(self, rows: "QuerySet[Any]") -> KeysetRows:
        """Return the asked page of rows, enriched.

        :raises BadRequest: the row that the address names is none of the list's.
        """
        column, descending = self.sort_key()
        if column.key != "count":
            return super().rows_page(rows)
        query = self.request.GET
        backwards = bool(query.get("before_row"))
        start = query.get("before_row") or query.get("after_row")
        found = denials_by_calls(
            self.given_filters.qs,
            falling=descending != backwards,
            most=self.page_size + 1,
            after=self._calls_of(start) if start else None,
        )
        digests, goes_back, goes_on = cut_page(found, self.page_size, bool(start), backwards)
        page = counted_page(
            _in_order(rows, [digest for digest, _ in digests]),
            rows,
            goes_back=goes_back,
            goes_on=goes_on,
            counted_up_to=self.counted_up_to,
        )
        page.object_list = list(self.enrich(page.object_list))
        return page

    def chunks(self, rows: "QuerySet[Any]") -> Iterator[Sequence[Any]]:
        """Yield the rows of a file."""
        column, descending = self.sort_key()
        if column.key != "count":
            yield from super().chunks(rows)
            return
        after: tuple[int, UUID] | None = None
        while found := denials_by_calls(
            self.given_filters.qs, falling=descending, most=EXPORT_CHUNK, after=after
        ):
            yield _in_order(rows, [digest for digest, _ in found])
            digest, calls = found[-1]
            after = calls, digest

    def _calls_of(self, key: str) -> tuple[int, UUID]:
        """Return where a row stands: its calls in the days asked for, and its digest."""
        since, until = self.given_filters.span
        row = self.rows_to_go_on_from().filter(pk=key).first() if key.isdecimal() else None
        counts = counted_denials([row], since=since, until=until) if row is not None else {}
        if row is None or row.digest not in counts:
            raise no_such_row(key)
        return counts[row.digest].count, row.digest


def _in_order(rows: "QuerySet[DailyDenial]", digests: Sequence[UUID]) -> list[Any]:
    found = {row.digest: row for row in rows.order_by().filter(digest__in=digests)}
    return [found[digest] for digest in digests if digest in found]
