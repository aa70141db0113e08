"""Rows of a list with the columns that somebody chose, whatever the row's template draws."""

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from governance.web.parts.ages import day, exact

_TAG: Final = re.compile(r"<(/?)(table|td)\b([^>]*)>")
_SPAN: Final = re.compile(r'colspan="(\d+)"')
# A cell with the box that chooses the row is no column.
_TICK: Final = re.compile(r'class="[^"]*\btick\b')
_ACRONYMS: Final = {"arn": "ARN", "id": "ID", "sha256": "SHA-256"}


def words_of_key(key: str) -> str:
    """Return how a column without a head is called: `account_id` is "Account ID"."""
    first, *rest = key.split("_")
    words = [_ACRONYMS.get(first, first.capitalize())]
    return " ".join([*words, *(_ACRONYMS.get(word, word) for word in rest)])


def arranged_row(html: str, *, kept: Collection[int], further: Sequence[SafeString]) -> str:
    """Return a drawn `<tr>` with the cells of the columns `kept`, by position, and `further` ones.

    A cell over several columns stays while one of them does.
    """
    pieces: list[str] = []
    position = depth = end = 0
    start = None
    stays = True
    for tag in _TAG.finditer(html):
        closes, name, attributes = tag[1] == "/", tag[2], tag[3]
        if name == "table":
            depth += -1 if closes else 1
        elif depth == 0 and not closes:
            start = tag.start()
            pieces.append(html[end:start])
            if _TICK.search(attributes):
                stays = True
                continue
            span = _SPAN.search(attributes)
            width = int(span[1]) if span else 1
            left = sum(1 for at in range(position, position + width) if at in kept)
            stays = left > 0
            position += width
        elif depth == 0 and start is not None:
            end = tag.end()
            if stays:
                pieces.append(html[start:end])
            start = None
    return "".join([*pieces, *further, html[end:]])


def cell_count(html: str) -> int:
    """Return how many columns a drawn `<tr>` has cells for."""
    count = depth = 0
    for tag in _TAG.finditer(html):
        closes, name, attributes = tag[1] == "/", tag[2], tag[3]
        if name == "table":
            depth += -1 if closes else 1
        elif depth == 0 and not closes and not _TICK.search(attributes):
            span = _SPAN.search(attributes)
            count += int(span[1]) if span else 1
    return count


def further_cell(label: str, value: Any, *, numeric: bool) -> SafeString:
    """Draw the cell of a column that the row's template does not draw."""
    return format_html(
        '<td class="{}"><span class="narrow-only small ink-2">{} </span>{}</td>',
        "num" if numeric else "breaks-line further",
        label,
        _shown(value),
    )


def _shown(value: Any) -> str | SafeString:
    if value is None or value in ("", [], {}, ()):
        return format_html('<span class="ink-2">{}</span>', "None")
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return exact(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, int | float):
        return f"{value:,}"
    if isinstance(value, dict):
        return format_html_join(", ", "{}: {}", sorted(value.items()))
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return str(value)
