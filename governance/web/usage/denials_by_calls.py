"""Denials ordered by how often each was denied: sums of days, which no index holds."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from django.core.cache import caches
from django.db.models import QuerySet

from governance.web.parts.keyset import KeysetRows, counted_page, cut_page, no_such_row
from governance.web.parts.lists import EXPORT_CHUNK
from governance.web.usage.hours import HourlyList
from inventory.models import DailyDenial
from inventory.selectors.usage_counts import counted_causes, counted_denials, denials_by_calls
from inventory.viewing import visible_key

REMEMBERED_SECONDS: Final = 60


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
        found = (
            denials_by_calls(
                self.given_filters.qs,
                falling=descending != backwards,
                most=self.page_size + 1,
                after=self._calls_of(start),
            )
            if start
            else self._first(descending=descending)
        )
        digests, goes_back, goes_on = cut_page(found, self.page_size, bool(start), backwards)
        page = counted_page(
            _in_order(rows, [digest for digest, _ in digests]),
            self.count_rows(rows, self.counted_up_to + 1),
            goes_back=goes_back,
            goes_on=goes_on,
            counted_up_to=self.counted_up_to,
        )
        page.object_list = list(self.enrich(page.object_list))
        return page

    def count_rows(self, rows: "QuerySet[Any]", most: int) -> int:
        """Return how many causes the list has, `most` at most."""
        _, until = self.given_filters.span
        return counted_causes(self.given_filters.qs, until=until, most=most)

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

    def _first(self, *, descending: bool) -> list[tuple[UUID, int]]:
        """Return the first denials and one more; of the last minute."""
        key = self.remembered_key("most" if descending else "fewest")
        remembered: list[tuple[str, int]] | None = caches["optional"].get(key)
        if remembered is not None:
            return [(UUID(digest), calls) for digest, calls in remembered]
        found = denials_by_calls(self.given_filters.qs, falling=descending, most=self.page_size + 1)
        if found:
            caches["optional"].set(
                key, [(digest.hex, calls) for digest, calls in found], REMEMBERED_SECONDS
            )
        return found

    def remembered_key(self, what: str) -> str:
        """Return what names sums of these filters, days and viewer in the cache."""
        since, _ = self.given_filters.span
        given = {name: str(value) for name, value in self.given_filters.form.cleaned_data.items()}
        asked = sha256(repr(sorted(given.items())).encode()).hexdigest()
        seen = visible_key(self.viewer, self.connection)
        return f"denials:{what}:{self.connection.pk}:{self.request.path}:{since}:{asked}:{seen}"

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
