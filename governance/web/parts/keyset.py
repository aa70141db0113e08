"""Lists too long to count: each page begins after a row, and the number of rows is told up to a
limit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet

from governance.web.parts.filters import address
from governance.web.parts.lists import EXPORT_BEGINS, EXPORT_CHUNK, ListPage, RowListPage
from inventory.selectors.keyset import rows_by_key


@dataclass(slots=True)
class KeysetRows:
    """One page. `counted`: how many rows there are, counted up to a limit.

    `more_than_counted`: there are more than that. `first` and `last`: keys of rows at whose other
    side the list goes on, None where it ends.
    """

    object_list: list[Any]
    counted: int
    more_than_counted: bool
    first: int | None
    last: int | None
    paginator: None = None

    @property
    def has_other_pages(self) -> bool:
        """Whether there is a page before or after."""
        return self.first is not None or self.last is not None


class KeysetRowListPage(RowListPage):
    """A list whose pages are found by an index, however many rows lie before them.

    Columns sort only by fields that are never null and have an index. A page's address names the
    row before it, `after_row`, or the row after it, `before_row`, by its primary key.
    """

    counted_up_to: ClassVar[int] = 2000

    def rows_page(self, rows: "QuerySet[Any]") -> KeysetRows:
        """Return the asked page of rows, enriched.

        :raises BadRequest: the row that the address names is none of the list's table.
        """
        column, descending = self.sort_key()
        fields = (*column.order_by, "pk")
        query = self.request.GET
        backwards = bool(query.get("before_row"))
        start = query.get("before_row") or query.get("after_row")
        found = rows
        if start:
            values = self._values_of(start, fields)
            found = rows.filter(_beyond(fields, values, falling=descending != backwards))
        if backwards:
            found = found.reverse()
        chosen = rows_by_key(found, self.get_rows(), self.page_size + 1)
        more = len(chosen) > self.page_size
        chosen = chosen[: self.page_size]
        if backwards:
            chosen.reverse()
        goes_back = more if backwards else bool(start)
        goes_on = bool(start) if backwards else more
        counted = rows.order_by().values("pk")[: self.counted_up_to + 1].count()
        return KeysetRows(
            object_list=list(self.enrich(chosen)),
            counted=min(counted, self.counted_up_to),
            more_than_counted=counted > self.counted_up_to,
            first=chosen[0].pk if chosen and goes_back else None,
            last=chosen[-1].pk if chosen and goes_on else None,
        )

    def chunks(self, rows: "QuerySet[Any]") -> Iterator[Sequence[Any]]:
        """Yield the rows of a file, each time those after the last by the index.

        One query for all would sort them first: half a million take a quarter of a minute.
        """
        column, descending = self.sort_key()
        fields = (*column.order_by, "pk")
        found, at_once = rows, EXPORT_BEGINS
        while chunk := rows_by_key(found, self.get_rows(), at_once):
            yield chunk
            values = tuple(getattr(chunk[-1], field) for field in fields)
            found, at_once = rows.filter(_beyond(fields, values, falling=descending)), EXPORT_CHUNK

    def _values_of(self, key: str, fields: tuple[str, ...]) -> tuple[Any, ...]:
        row = self.rows_to_go_on_from()
        values = row.filter(pk=key).values_list(*fields).first() if key.isdecimal() else None
        if values is None:
            raise BadRequest(f"The list has no row {key!r} to go on from; begin at its start.")
        return tuple(values)

    def rows_to_go_on_from(self) -> "QuerySet[Any]":
        """Return the rows that an address may name as the one before or after a page."""
        return self.get_rows()

    def page_links(self, page: Any) -> dict[str, str]:
        """Return the addresses of the pages before and after, empty where there is none."""
        query = self.request.GET
        return {
            "previous_href": address(query, before_row=str(page.first)) if page.first else "",
            "next_href": address(query, after_row=str(page.last)) if page.last else "",
        }


class KeysetListPage(KeysetRowListPage, ListPage):
    """A long list of rows of one organization."""

    def rows_to_go_on_from(self) -> "QuerySet[Any]":
        """Return every row of the table: one may have left the list since its page was shown."""
        rows: QuerySet[Any] = self.get_rows().model._default_manager.filter(
            connection=self.connection
        )
        return rows


def _beyond(fields: tuple[str, ...], values: tuple[Any, ...], *, falling: bool) -> Q:
    """Keep the rows after `values` in the order of `fields`."""
    lookup = "lt" if falling else "gt"
    beyond, equal = Q(), Q()
    for field, value in zip(fields, values, strict=True):
        beyond |= equal & Q(**{f"{field}__{lookup}": value})
        equal &= Q(**{field: value})
    # Says no more than the rest does, but lets an index begin at the right place.
    return beyond & Q(**{f"{fields[0]}__{lookup}e": values[0]})
