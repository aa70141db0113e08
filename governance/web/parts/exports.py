"""Rows of a list as CSV or JSON, sent while they are read."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any, ClassVar, Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from governance.access.actors import actor_of
from governance.audit import actions
from governance.audit.exporting import data_exported
from governance.web.parts.pages import ConnectionPage, Page
from governance.web.parts.saved_views import ViewsMenu
from inventory.models import Connection

# A spreadsheet takes a cell that begins so for a formula, also after spaces; the last four are the
# first four in full width.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")
# Where a spreadsheet of another country parts cells, unless the cell is in quotation marks.
_PARTED: Final = re.compile(r"[;\t|]")
# As many rows as are sent, and compressed, at once.
_ROWS_A_PIECE: Final = 50


class _LineWriter:
    """What the CSV writer writes to: it hands each line on instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def csv_cell(value: Any) -> str:
    """Write a value for a spreadsheet; text it could take for a formula gets an apostrophe."""
    if type(value) is str:
        return _text_cell(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict):
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    elif isinstance(value, list | tuple):
        text = " ".join(str(item) for item in value)
    else:
        text = str(value)
    return _text_cell(text)


def _text_cell(text: str) -> str:
    if text[:1].isalnum():
        return text
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA_STARTS) else text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield the lines of a CSV file (RFC 4180), its header first.

    Lines with a character that parts cells elsewhere are in quotation marks throughout.
    """
    plain, quoted = csv.writer(_LineWriter()), csv.writer(_LineWriter(), quoting=csv.QUOTE_ALL)
    for row in chain([header], rows):
        cells = [csv_cell(value) for value in row]
        line: str = plain.writerow(cells)
        yield quoted.writerow(cells) if _PARTED.search(line) else line


def json_pieces(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield a JSON array of objects, a piece a row."""
    separator = "["
    for row in rows:
        record = dict(zip(header, row, strict=True))
        yield separator + json.dumps(record, ensure_ascii=False, default=_as_json)
        separator = ",\n"
    yield "[]\n" if separator == "[" else "]\n"


def _joined(lines: Iterator[str]) -> Iterator[str]:
    """Yield text that comes in small pieces in larger ones."""
    while piece := "".join(islice(lines, _ROWS_A_PIECE)):
        yield piece


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)


def export_response(
    kind: str, *, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """Send rows as a file `<name>.csv` or `<name>.json`. `kind`: csv or json."""
    if kind == "csv":
        content, media = csv_lines(header, rows), "text/csv; charset=utf-8"
    else:
        content, media = json_pieces(header, rows), "application/json"
    response = StreamingHttpResponse(_joined(content), content_type=media)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def file_exported(page: ConnectionPage, *, title: str, kind: str) -> None:
    """Put on record that somebody took a file from a page that sends nothing else."""
    data_exported(
        actor=actor_of(page.request),
        address=page.request.path,
        title=title,
        query=dict(page.request.GET.lists()),
        kind=kind,
        now=timezone.now(),
        connection_id=page.connection.pk,
    )


class ExportingPage(Page):
    """A page whose rows can be had as a file: `?format=csv` or another of `formats`.

    Each file is on record in the audit log, with what was asked for. Where the template includes
    `includes/export.html`, what the page is filtered and sorted by can be saved as a view.
    """

    exported_action: ClassVar[str] = actions.DATA_EXPORT
    formats: ClassVar[tuple[str, ...]] = ("csv", "json")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page, or send what it shows as a file.

        :raises BadRequest: another format is asked for.
        """
        kind = request.GET.get("format", "")
        if kind in self.formats:
            answer = self.export(kind)
            self.name_file(answer, kind)
            self.record_export(kind)
            return answer
        if kind:
            *others, last = self.formats
            raise BadRequest(f"format is {kind!r}; it can be {', '.join(others)} or {last}.")
        return super().get(request, *args, **kwargs)

    def export(self, kind: str) -> HttpResponseBase:
        """Send the rows. `kind`: one of `formats`."""
        raise NotImplementedError(f"{type(self).__qualname__} must define export")

    def name_file(self, answer: HttpResponseBase, kind: str) -> None:
        """Have the file's name say what of its rows is not as it should be."""

    def record_export(self, kind: str) -> None:
        """Put on record who took which rows as a file."""
        data_exported(
            actor=actor_of(self.request),
            address=self.request.path,
            title=self.get_title(),
            query={name: values for name, values in self.request.GET.lists() if name != "format"},
            kind=kind,
            now=timezone.now(),
            action=self.exported_action,
            **self.exported_place(),
        )

    def exported_place(self) -> dict[str, Any]:
        """Return organization and account or OU whose data the file holds, as the log has them."""
        return {}

    def viewed_connection(self) -> Connection | None:
        """Return the organization that the page's saved views belong to."""
        return None

    def held_by_views(self) -> dict[str, str]:
        """Return what a saved view holds beside what is in the address."""
        return {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the menu of saved views."""
        menu = ViewsMenu(self.request, self.viewed_connection(), self.held_by_views())
        return super().get_context_data(views_menu=menu, **kwargs)


class Exporting(ExportingPage, ConnectionPage):
    """A page about one organization whose rows can be had as a file.

    A file has no room for a notice above its rows, so its name ends in `-incomplete`, `-stale` or
    `-unknown` where the page has one.
    """

    def name_file(self, answer: HttpResponseBase, kind: str) -> None:
        """Have the file's name say that not all of its rows were read, or too long ago."""
        found, named = self.freshness(), answer.headers.get("Content-Disposition", "")
        if found is not None:
            marked = named.replace(f'.{kind}"', f'-{found.state}.{kind}"')
            answer.headers["Content-Disposition"] = marked

    def exported_place(self) -> dict[str, Any]:
        """Return the organization, and the one account shown."""
        return {
            "connection_id": self.connection.pk,
            "target_id": self.shown_account_id() or "",
        }

    def viewed_connection(self) -> Connection | None:
        """Return the organization shown."""
        return self.connection
