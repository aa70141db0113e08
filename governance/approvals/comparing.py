"""What differs between two contents of a setting, as a reader sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from governance.approvals.forms import SettingContent, SettingForm, SettingTable


class ContentChangeKind(StrEnum):
    """What happened to a row or a value."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ContentChange:
    """One difference. `what`: the row, such as `Rule Root and production`; empty for a value.

    `label`: the field; empty for a row that came or went. `before`, `after`: its entries, or the
    row's fields with theirs; empty where there is no such row.
    """

    kind: ContentChangeKind
    what: str
    label: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def setting_changes(
    form: SettingForm, before: SettingContent, after: SettingContent
) -> tuple[ContentChange, ...]:
    """Return what differs; rows are the same by their first column."""
    found = [
        ContentChange(
            ContentChangeKind.CHANGED,
            "",
            one.label,
            one.words(before.get(one.name)),
            one.words(after.get(one.name)),
        )
        for one in form.values
        if before.get(one.name) != after.get(one.name)
    ]
    for table in form.tables:
        found += _row_changes(table, before.get(table.name, []), after.get(table.name, []))
    return tuple(found)


def _row_changes(
    table: SettingTable, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[ContentChange]:
    first = table.columns[0].name
    was = {row[first]: row for row in before}
    now = {row[first]: row for row in after}
    found = []
    for key in [*was, *(key for key in now if key not in was)]:
        what = f"{table.row.capitalize()} {key}"
        left, right = was.get(key), now.get(key)
        if left is None or right is None:
            kind = ContentChangeKind.ADDED if left is None else ContentChangeKind.REMOVED
            found.append(
                ContentChange(kind, what, "", _row_words(table, left), _row_words(table, right))
            )
            continue
        found += [
            ContentChange(
                ContentChangeKind.CHANGED,
                what,
                column.label,
                column.words(left.get(column.name)),
                column.words(right.get(column.name)),
            )
            for column in table.columns[1:]
            if left.get(column.name) != right.get(column.name)
        ]
    return found


def _row_words(table: SettingTable, row: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return what a row holds, without what is empty in it."""
    if row is None:
        return ()
    return tuple(
        f"{column.label}: {', '.join(column.words(row[column.name]))}"
        for column in table.columns[1:]
        if row.get(column.name)
    )
