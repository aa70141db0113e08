"""The base of every list: filters and sorting in the address, pages, export of what is shown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar, Final

from django.core.exceptions import BadRequest
from django.core.paginator import Page as RowsPage
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponseBase, QueryDict
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django_filters import FilterSet

from governance.filtering.scope import FilterScope
from governance.web.parts.bulk import BulkButton
from governance.web.parts.columns import arranged_row, further_cell, words_of_key
from governance.web.parts.exports import Exporting, ExportingPage, export_response
from governance.web.parts.filters import FilterChip, address, checked, filter_chips

EXPORT_CHUNK: Final = 500
EXPORT_BEGINS: Final = 50
# Sent with requests for the same rows again, which leave filters and open menus alone.
ROWS_AGAIN: Final = "Orgwarden-Rows"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list.

    `key`: its name in the address and in exports. `order_by`: fields it sorts by, none where it
    cannot sort. `value`: the exported value of an enriched row; a column without it is not
    exported. `label` may be empty for a column of buttons. A `hidden` column is exported, and
    shown where somebody chooses it.
    """

    key: str
    label: str
    order_by: tuple[str, ...] = ()
    value: Callable[[Any], Any] | None = None
    numeric: bool = False
    hidden: bool = False

    @property
    def title(self) -> str:
        """What the column is called in the menu of columns."""
        return self.label or words_of_key(self.key)


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column in the menu. `is_fixed`: it is always shown."""

    key: str
    title: str
    is_shown: bool
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head as shown. `sort`: ascending, descending or empty; `href`: sorts by it."""

    label: str
    numeric: bool
    href: str
    sort: str


class RowListPage(ExportingPage):
    """A list of rows with search, filters, sorting, pages and exports.

    Give `columns`, `row_template` (draws one `<tr>` of `row`), `default_sort`, `get_rows`, and
    where wanted `filterset_class` (its filter `q` is the search field) and `enrich`. The template
    shows `includes/list_toolbar.html` and `includes/data_table.html`; an htmx request gets the
    table with the filters and the export that go with it.
    """

    columns: ClassVar[tuple[Column, ...]]
    row_template: ClassVar[str]
    default_sort: ClassVar[str]
    filterset_class: ClassVar[type[FilterSet] | None] = None
    page_size: ClassVar[int] = 50
    search_label: ClassVar[str] = "Name or id"
    export_name: ClassVar[str] = "rows"
    row_noun: ClassVar[str] = "row,rows"
    empty_title: ClassVar[str] = "Nothing here yet"
    empty_text: ClassVar[str] = ""
    caption: ClassVar[str] = ""

    def get_rows(self) -> "QuerySet[Any]":
        """Return all rows this person may see, before filters."""
        raise NotImplementedError(f"{type(self).__qualname__} must define get_rows")

    def bulk_buttons(self) -> Sequence[BulkButton]:
        """Return what this person may do to many rows; each row then draws `includes/tick.html`."""
        return []

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Add to some rows what their own table does not hold, in queries per call, not per row."""
        return rows

    def get_template_names(self) -> list[str]:
        """Return the part for htmx, the rows alone where they are read again, else the page."""
        htmx = getattr(self.request, "htmx", None)
        if htmx and not htmx.boosted and not htmx.history_restore_request:
            if ROWS_AGAIN in self.request.headers:
                return ["includes/data_table.html"]
            return ["includes/list_partial.html"]
        return super().get_template_names()

    def filter_arguments(self) -> dict[str, Any]:
        """Return what the filters need beside the address and the rows."""
        return {}

    def filters(self) -> FilterSet | None:
        """Return the filters, bound to the address.

        :raises BadRequest: a value in the address is none that the filter knows.
        """
        if self.filterset_class is None:
            return None
        return checked(
            self.filterset_class(
                self.request.GET, queryset=self.get_rows(), **self.filter_arguments()
            )
        )

    @cached_property
    def chosen_keys(self) -> tuple[str, ...]:
        """The columns that the address or else the person chose, by key; empty: nobody did.

        :raises BadRequest: the address names a column that the list does not have.
        """
        known = {column.key for column in self.columns}
        wanted = self.request.GET.get("columns", "")
        if wanted:
            keys = wanted.split(",")
            if unknown := [key for key in keys if key not in known]:
                raise BadRequest(
                    f"columns names {', '.join(map(repr, unknown))}; "
                    f"this list has {', '.join(column.key for column in self.columns)}."
                )
            return tuple(keys)
        match = self.request.resolver_match
        name = match.url_name if match else None
        profile = getattr(self.request.user, "profile", None)
        kept = profile.list_columns.get(name, []) if profile and name else []
        return tuple(key for key in kept if key in known)

    @cached_property
    def fixed_column(self) -> Column:
        """The column that is always shown: the first that names a row."""
        return next(column for column in self.columns if column.label and not column.hidden)

    @cached_property
    def shown_columns(self) -> tuple[Column, ...]:
        """The columns in the order of the table: those its template draws, then further ones."""
        drawn = [column for column in self.columns if not column.hidden]
        if not self.chosen_keys:
            return tuple(drawn)
        chosen = {*self.chosen_keys, self.fixed_column.key}
        # A column of buttons has no name to choose it by.
        kept = [one for one in drawn if one.key in chosen or not one.label]
        return (*kept, *(one for one in self.columns if one.hidden and one.key in chosen))

    def exported_columns(self) -> list[Column]:
        """Return the columns of a file: those chosen, else all."""
        columns = self.shown_columns if self.chosen_keys else self.columns
        return [column for column in columns if column.value is not None]

    def column_choices(self) -> list[ColumnChoice]:
        """Return the menu of columns."""
        fixed = self.fixed_column
        return [
            ColumnChoice(one.key, one.title, one in self.shown_columns, one is fixed)
            for one in self.columns
            if (not one.hidden and one.label) or (one.hidden and one.value is not None)
        ]

    def arrange(self, html: str, row: Any) -> str:
        """Return a row, drawn by its template, with the columns that are shown."""
        drawn = [column for column in self.columns if not column.hidden]
        further = [
            further_cell(one.title, one.value(row), numeric=one.numeric)
            for one in self.shown_columns
            if one.hidden and one.value is not None
        ]
        kept = {at for at, column in enumerate(drawn) if column in self.shown_columns}
        # The row's template has escaped what it holds.
        return SafeString(arranged_row(html, kept=kept, further=further))  # nosec B703

    def held_by_views(self) -> dict[str, str]:
        """Return the columns that the person chose."""
        return {"columns": ",".join(self.chosen_keys)} if self.chosen_keys else {}

    def sort_key(self) -> tuple[Column, bool]:
        """Return the column to sort by and whether descending.

        :raises BadRequest: the address names a column that does not sort.
        """
        wanted = self.request.GET.get("sort") or self.default_sort
        key = wanted.removeprefix("-")
        for column in self.columns:
            if column.key == key and column.order_by:
                return column, wanted.startswith("-")
        sortable = ", ".join(column.key for column in self.columns if column.order_by)
        raise BadRequest(f"sort is {wanted!r}; this list sorts by {sortable}.")

    def filtered_rows(self, filters: FilterSet | None) -> "QuerySet[Any]":
        """Return the filtered rows in their order. The key breaks ties, so pages never overlap."""
        rows = self.get_rows() if filters is None else filters.qs
        column, descending = self.sort_key()
        sign = "-" if descending else ""
        return rows.order_by(*(f"{sign}{field}" for field in column.order_by), f"{sign}pk")

    def export(self, kind: str) -> HttpResponseBase:
        """Send every filtered row, with the columns chosen."""
        exported = self.exported_columns()
        rows = self.filtered_rows(self.filters())
        return export_response(
            kind,
            name=self.file_name(),
            header=[column.key for column in exported],
            rows=self._exported_rows(rows, exported),
        )

    def file_name(self) -> str:
        """Return the name of an exported file, without its ending."""
        return self.export_name

    def _exported_rows(
        self, rows: "QuerySet[Any]", exported: Sequence[Column]
    ) -> Iterator[list[Any]]:
        for chunk in self.chunks(rows):
            for row in self.enrich(chunk):
                yield [column.value(row) for column in exported if column.value is not None]

    def chunks(self, rows: "QuerySet[Any]") -> Iterator[Sequence[Any]]:
        """Yield the rows of a file, as many at a time as are enriched at once.

        Few at first, so that the file begins soon.
        """
        found = iter(rows.iterator(chunk_size=EXPORT_CHUNK))
        at_once = EXPORT_BEGINS
        while chunk := list(islice(found, at_once)):
            yield chunk
            at_once = EXPORT_CHUNK

    def heads(self) -> list[Head]:
        """Return the heads of the shown columns with the addresses that sort by them."""
        sorted_by, descending = self.sort_key()
        heads = []
        for column in self.shown_columns:
            sort = ""
            if column is sorted_by:
                sort = "descending" if descending else "ascending"
            then = f"-{column.key}" if sort == "ascending" else column.key
            href = address(self.request.GET, sort=then) if column.order_by else ""
            label = column.title if column.hidden else column.label
            heads.append(Head(label, column.numeric, href, sort))
        return heads

    def rows_page(self, rows: "QuerySet[Any]") -> Any:
        """Return the asked page of rows, enriched; a number past the end is the last page."""
        page: RowsPage[Any] = Paginator(rows, self.page_size).get_page(self.request.GET.get("page"))
        page.object_list = self.enrich(list(page.object_list))
        return page

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the table and its controls."""
        filters = self.filters()
        page = self.rows_page(self.filtered_rows(filters))
        chips: list[FilterChip] = filter_chips(filters, self.request.GET) if filters else []
        query = self.request.GET
        searches = filters is not None and "q" in filters.filters
        return super().get_context_data(
            table_heads=self.heads(),
            rows=page,
            row_template=self.row_template,
            bulk_buttons=self.bulk_buttons(),
            arranges_columns=bool(self.chosen_keys),
            column_choices=self.column_choices(),
            row_noun=self.row_noun,
            table_caption=self.caption or self.get_title(),
            chips=chips,
            searches=searches,
            search_label=self.search_label,
            is_filtered=any(chip.said for chip in chips) or bool(searches and query.get("q")),
            without_filters="?",
            empty_title=self.empty_title,
            empty_text=self.empty_text,
            csv_href=address(query, format="csv"),
            json_href=address(query, format="json"),
            **self.page_links(page),
            **kwargs,
        )

    def page_links(self, page: Any) -> dict[str, str]:
        """Return the addresses of the pages before and after, empty where there is none."""
        query = self.request.GET
        return {
            "previous_href": page_address(query, page.number - 1) if page.has_previous() else "",
            "next_href": page_address(query, page.number + 1) if page.has_next() else "",
        }


class ListPage(RowListPage, Exporting):
    """A list of rows of one organization."""

    def filter_arguments(self) -> dict[str, Any]:
        """Return who looks at what."""
        return {"scope": FilterScope(self.viewer, self.connection, self.as_of, self.now)}

    def file_name(self) -> str:
        """Return the name of an exported file, the organization's first."""
        return f"{self.connection.slug}-{self.export_name}"


def page_address(query: QueryDict, number: int) -> str:
    """Return the address of another page of a list, its filters and order kept."""
    changed = query.copy()
    changed["page"] = str(number)
    return f"?{changed.urlencode()}"
