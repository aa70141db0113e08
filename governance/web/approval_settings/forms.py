"""The form of a setting's content, made of what its kind declares. The kind judges what is given.

Rows come and go by buttons that send the form: `add` names a table, `remove` a row (`rules-2`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from governance.approvals.forms import (
    MOST_ROWS,
    FieldType,
    SettingContent,
    SettingField,
    SettingForm,
    SettingTable,
)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row of a table in the form. `key`: as `remove` names it."""

    key: str
    title: str
    fields: tuple[BoundField, ...]


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table in the form."""

    table: SettingTable
    rows: tuple[ShownRow, ...]


class ContentForm(forms.Form):
    """A content as fields: `value-<name>`, and for each row of a table `<table>-<number>-<name>`.

    `counts`: how many rows each table has.
    """

    reason = forms.CharField(
        label="Reason",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Why it should change. The second person and the audit log read it.",
    )

    def __init__(
        self, setting: SettingForm, counts: Mapping[str, int], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.setting = setting
        self.counts = dict(counts)
        for one in setting.values:
            self.fields[f"value-{one.name}"] = _field(one)
        for table in setting.tables:
            for number in range(self.counts[table.name]):
                for column in table.columns:
                    self.fields[f"{table.name}-{number}-{column.name}"] = _field(column)

    @classmethod
    def of_content(cls, setting: SettingForm, content: SettingContent) -> "ContentForm":
        """Return the form filled with a content."""
        counts = {table.name: len(content.get(table.name, [])) for table in setting.tables}
        initial = {
            f"value-{one.name}": _shown(one, content.get(one.name, one.default))
            for one in setting.values
        }
        for table in setting.tables:
            for number, row in enumerate(content.get(table.name, [])):
                for column in table.columns:
                    name = f"{table.name}-{number}-{column.name}"
                    initial[name] = _shown(column, row.get(column.name, column.default))
        return cls(setting, counts, initial=initial)

    @classmethod
    def of_request(cls, setting: SettingForm, data: QueryDict) -> "ContentForm":
        """Return the form as it was sent."""
        return cls(setting, {one.name: _count(data, one.name) for one in setting.tables}, data)

    def content(self) -> SettingContent:
        """Return what was sent, as the kind of setting judges it."""
        found = {one.name: self._sent(one, f"value-{one.name}") for one in self.setting.values}
        for table in self.setting.tables:
            found[table.name] = [
                {
                    column.name: self._sent(column, f"{table.name}-{number}-{column.name}")
                    for column in table.columns
                }
                for number in range(self.counts[table.name])
            ]
        return found

    def _sent(self, one: SettingField, name: str) -> Any:
        value = self.fields[name].widget.value_from_datadict(self.data, self.files, name)
        if one.type is FieldType.LIST:
            return [line.strip() for line in (value or "").splitlines() if line.strip()]
        if one.type is FieldType.NUMBER:
            text = str(value or "").strip()
            return int(text) if text.isdecimal() and len(text) < 10 else text
        if one.type is FieldType.CHOICES:
            return list(value or [])
        return value if one.type is FieldType.FLAG else value or ""

    def changed_rows(self, data: QueryDict) -> "ContentForm":
        """Return the form with a row more or less, as the button that was pressed says."""
        content = self.content()
        table = next((one for one in self.setting.tables if one.name == data.get("add")), None)
        if table is not None and len(content[table.name]) < MOST_ROWS:
            content[table.name].append({one.name: one.default for one in table.columns})
        name, _, number = data.get("remove", "").rpartition("-")
        if name in self.counts and number.isdecimal() and int(number) < self.counts[name]:
            del content[name][int(number)]
        made = ContentForm.of_content(self.setting, content)
        made.initial["reason"] = data.get("reason", "")
        return made

    def show_errors(self, errors: Mapping[str, str]) -> None:
        """Put what is wrong beside the fields; what has none above all."""
        for where, said in errors.items():
            name = where.replace(".", "-")
            name = name if name in self.fields else f"value-{name}"
            words = f"{said[:1].upper()}{said[1:]}."
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, words)

    def value_fields(self) -> list[BoundField]:
        """Return the fields of single values."""
        return [self[f"value-{one.name}"] for one in self.setting.values]

    def shown_tables(self) -> list[ShownTable]:
        """Return the tables with their rows."""
        return [
            ShownTable(
                table,
                tuple(self._shown_row(table, number) for number in range(self.counts[table.name])),
            )
            for table in self.setting.tables
        ]

    def _shown_row(self, table: SettingTable, number: int) -> ShownRow:
        fields = tuple(self[f"{table.name}-{number}-{column.name}"] for column in table.columns)
        title = str(fields[0].value() or f"New {table.row}")
        return ShownRow(f"{table.name}-{number}", title, fields)


def _count(data: QueryDict, name: str) -> int:
    sent = data.get(f"count-{name}", "0")
    return min(int(sent), MOST_ROWS) if sent.isdecimal() and len(sent) < 6 else 0


def _shown(one: SettingField, value: Any) -> Any:
    if one.type is FieldType.LIST:
        return "\n".join(value or [])
    return value


def _field(one: SettingField) -> forms.Field:
    """Return the field; but for what may not be empty only the kind judges."""
    needed = one.required or one.type is FieldType.NUMBER
    given: dict[str, Any] = {"label": one.label, "help_text": one.help, "required": needed}
    choices = list(one.choices.items())
    match one.type:
        case FieldType.FLAG:
            return forms.BooleanField(**given)
        case FieldType.NUMBER:
            limits = {"min": one.least, "max": one.most}
            return forms.Field(**given, widget=forms.NumberInput(attrs=limits))
        case FieldType.CHOICE:
            return forms.Field(**given, widget=forms.Select(choices=choices))
        case FieldType.CHOICES:
            return forms.Field(**given, widget=forms.CheckboxSelectMultiple(choices=choices))
        case FieldType.LIST:
            given["help_text"] = f"{one.help} One per line.".strip()
            return forms.Field(**given, widget=forms.Textarea(attrs={"rows": 2}))
        case FieldType.LONG_TEXT:
            return forms.Field(**given, widget=forms.Textarea(attrs={"rows": 3}))
        case _:
            return forms.Field(**given, widget=forms.TextInput())
