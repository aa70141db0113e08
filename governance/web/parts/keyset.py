"""Lists too long to count: each page begins after a row, and the number of rows is told up to a
limit."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.http import QueryDict

from governance.web.parts.filters import address
from governance.web.parts.lists import EXPORT_BEGINS, EXPORT_CHUNK, ListPage, RowListPage
from inventory.selectors.keyset import rows_by_key

Row = TypeVar("Row")


@dataclass(slots=True)
class KeysetRows:
    """One page. `counted`: how many rows there are, counted up to a limit.

    `more_than_counted`: there are more than that. `first` and `last`: keys of rows at whose other
    side the list goes on, None where it ends.
    """

    object_list: list[Any]
    counted: int
    more_than_counted: bool
    first: int | str | None
    last: int | str | None
    paginator: None = None

    @property
    def has_other_pages(self) -> bool:
        """Whether there is a page before or after."""
        return self.first is not None or self.last is not None


def keyset_page(
    query: QueryDict,
    rows: "QuerySet[Any]",
    *,
    fields: tuple[str, ...],
    descending: bool,
    page_size: int,
    shown: "QuerySet[Any]",
    start_rows: "Callable[[], QuerySet[Any]]",
    counted_up_to: int,
    count: "Callable[[QuerySet[Any], int], int] | None" = None,
) -> KeysetRows:
    """Return the page of ordered rows that an address asks for.

    `fields`: what they are ordered by, all falling or none, the key last. `shown`: the rows with
    what else is told of each. `start_rows`: those that an address may name. `count`: returns how
    many rows there are, up to a number; None: `rows_counted` does.

    :raises BadRequest: the row that the address names is none of these.
    """
    backwards = bool(query.get("before_row"))
    start = query.get("before_row") or query.get("after_row")
    found = rows
    if start:
        values = _values_of(start, start_rows(), fields)
        found = rows.filter(_beyond(fields, values, falling=descending != backwards))
    if backwards:
        found = found.reverse()
    chosen, first, last = cut_page(
        rows_by_key(found, shown, page_size + 1), page_size, bool(start), backwards
    )
    counted = (count or rows_counted)(rows, counted_up_to + 1)
    return counted_page(chosen, counted, goes_back=first, goes_on=last, counted_up_to=counted_up_to)


def rows_counted(rows: "QuerySet[Any]", most: int) -> int:
    """Return how many rows there are, `most` at most."""
    return rows.order_by().values("pk")[:most].count()


def counted_page(
    chosen: list[Any],
    counted: int,
    *,
    goes_back: bool,
    goes_on: bool,
    counted_up_to: int,
) -> KeysetRows:
    """Return a page that was cut already. `counted`: rows, up to one more than the limit."""
    return KeysetRows(
        object_list=chosen,
        counted=min(counted, counted_up_to),
        more_than_counted=counted > counted_up_to,
        first=chosen[0].pk if goes_back else None,
        last=chosen[-1].pk if goes_on else None,
    )


def keyset_page_of(
    query: QueryDict,
    found: Sequence[Row],
    *,
    order: Callable[[Row], Any],
    key: Callable[[Row], str],
    page_size: int,
    start_rows: Iterable[Row],
) -> KeysetRows:
    """Return the page that an address asks for of rows in memory, which stand in `order`.

    `key`: what an address names a row by. `start_rows`: those that it may name.

    :raises BadRequest: the row that the address names is none of these.
    """
    backwards = bool(query.get("before_row"))
    start = query.get("before_row") or query.get("after_row")
    rest = list(found)
    if start:
        at = next((order(one) for one in start_rows if key(one) == start), None)
        if at is None:
            raise no_such_row(start)
        rest = [one for one in found if (order(one) < at if backwards else order(one) > at)]
    if backwards:
        rest.reverse()
    chosen, first, last = cut_page(rest[: page_size + 1], page_size, bool(start), backwards)
    return KeysetRows(
        object_list=chosen,
        counted=len(found),
        more_than_counted=False,
        first=key(chosen[0]) if first else None,
        last=key(chosen[-1]) if last else None,
    )


def keyset_links(query: QueryDict, page: KeysetRows) -> dict[str, str]:
    """Return the addresses of the pages before and after, empty where there is none."""
    return {
        "previous_href": address(query, before_row=str(page.first)) if page.first else "",
        "next_href": address(query, after_row=str(page.last)) if page.last else "",
    }


def cut_page(
    found: list[Any], page_size: int, is_inside: bool, backwards: bool
) -> tuple[list[Any], bool, bool]:
    """Return a page's rows in the list's order, and whether the list goes on before and after.

    `found`: one more than fit tells of it. `is_inside`: whether the address names a row.
    """
    more = len(found) > page_size
    chosen = found[:page_size]
    if backwards:
        chosen.reverse()
    goes_back = more if backwards else is_inside
    goes_on = is_inside if backwards else more
    return chosen, bool(chosen) and goes_back, bool(chosen) and goes_on


def _values_of(key: str, rows: "QuerySet[Any]", fields: tuple[str, ...]) -> tuple[Any, ...]:
    values = rows.filter(pk=key).values_list(*fields).first() if key.isdecimal() else None
    if values is None:
        raise no_such_row(key)
    return tuple(values)


def no_such_row(key: str) -> BadRequest:
    """Return what says that an address names no row of the list."""
    return BadRequest(f"The list has no row {key!r} to go on from; begin at its start.")


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
        page = keyset_page(
            self.request.GET,
            rows,
            fields=(*column.order_by, "pk"),
            descending=descending,
            page_size=self.page_size,
            shown=self.get_rows(),
            start_rows=self.rows_to_go_on_from,
            counted_up_to=self.counted_up_to,
            count=self.count_rows,
        )
        page.object_list = list(self.enrich(page.object_list))
        return page

    def count_rows(self, rows: "QuerySet[Any]", most: int) -> int:
        """Return how many rows the list has, `most` at most."""
        return rows_counted(rows, most)

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

    def rows_to_go_on_from(self) -> "QuerySet[Any]":
        """Return the rows that an address may name as the one before or after a page."""
        return self.get_rows()

    def page_links(self, page: Any) -> dict[str, str]:
        """Return the addresses of the pages before and after, empty where there is none."""
        return keyset_links(self.request.GET, page)


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
