"""The forms of settings' contents: what each kind holds, its defaults, and what is wrong with one.

A content is a JSON object of values and tables; a table is a list of flat objects. The form of a
kind is declared once, by the package that reads the setting, and from it come the check, the table
and the page's fields. Kinds are registered when Django starts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from inventory.models import Connection

MOST_ROWS: Final = 200
LONGEST_TEXT: Final = 2000
MOST_VALUES: Final = 500

SettingContent = dict[str, Any]


class SettingInvalid(ValueError):
    """A content is not as its kind has it. `errors`: where, such as `rules.0.count` → what."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__("; ".join(f"{path}: {said}" for path, said in self.errors.items()))


class FieldType(StrEnum):
    """What a field holds: LIST is a list of texts, CHOICES one of those that `choices` name."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    LIST = "list"
    CHOICES = "choices"


@dataclass(frozen=True, slots=True)
class SettingField:
    """A value of a content, or a column of a table.

    `choices`: value → label. `least`, `most`: of numbers. `shown`: what a reader sees for an empty
    value, such as "All". `required`: may not be empty.
    """

    name: str
    label: str
    type: FieldType = FieldType.TEXT
    help: str = ""
    default: Any = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    least: int = 0
    most: int = 1_000_000
    required: bool = False
    shown: str = ""

    def clean(self, value: Any) -> Any:
        """Return a value as it is stored.

        :raises ValueError: it is not such a value; the message says what is.
        """
        found = _CLEANERS[self.type](self, value)
        if self.required and found in ("", [], None):
            raise ValueError("this may not be empty")
        return found

    def words(self, value: Any) -> tuple[str, ...]:
        """Return a stored value as a reader sees it, a list as its entries."""
        if self.type is FieldType.FLAG:
            return ("Yes" if value else "No",)
        if isinstance(value, list):
            named = tuple(self.choices.get(str(one), str(one)) for one in value)
            return named or ((self.shown,) if self.shown else ())
        if value in ("", None):
            return (self.shown,) if self.shown else ()
        return (self.choices.get(str(value), str(value)),)


@dataclass(frozen=True, slots=True)
class SettingTable:
    """A list of flat objects in a content. `row`: what one is called, such as "rule".

    `derived`: members that the form's check fills in; given ones are passed over.
    """

    name: str
    label: str
    row: str
    columns: tuple[SettingField, ...]
    help: str = ""
    derived: tuple[str, ...] = ()


# What is wrong with a content whose members are well-formed, by path.
ContentCheck = Callable[[Connection, SettingContent], Mapping[str, str]]


def _no_errors(connection: Connection, content: SettingContent) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class SettingForm:
    """What a kind of setting holds.

    `kind`: of `SettingVersion.Kind`. `default`: the content that the product brings for an
    organization, version 0. `check`: what the fields alone do not tell; it may complete the content
    it is given, such as with the id of a group named. `suggest`: a content to begin from, made of
    what was collected.
    """

    kind: str
    title: str
    intro: str
    tables: tuple[SettingTable, ...]
    values: tuple[SettingField, ...] = ()
    default: Callable[[Connection], SettingContent] = lambda connection: {}
    check: ContentCheck = _no_errors
    suggest: Callable[[Connection], SettingContent] | None = None

    def clean(self, connection: Connection, content: Any) -> SettingContent:
        """Return a content as it is stored: every member there, in order, nothing else.

        :raises SettingInvalid: see there.
        """
        if not isinstance(content, Mapping):
            raise SettingInvalid({"content": "give an object"})
        errors: dict[str, str] = {}
        cleaned = _clean_object(self.values, content, "", errors)
        for table in self.tables:
            cleaned[table.name] = _clean_table(table, content.get(table.name, []), errors)
        known = {one.name for one in self.values} | {one.name for one in self.tables}
        for name in content:
            if name not in known:
                errors[str(name)] = f"there is no such member; known are {_listed(known)}"
        if not errors:
            errors |= self.check(connection, cleaned)
        if errors:
            raise SettingInvalid(errors)
        return cleaned


_forms: Final[dict[str, SettingForm]] = {}


def register_form(form: SettingForm) -> None:
    """Make a kind known, when Django starts; a kind has one form."""
    known = _forms.get(form.kind)
    if known is not None and known != form:
        raise ValueError(f"{form.kind} has a form already")
    _forms[form.kind] = form


def form_of(kind: str) -> SettingForm:
    """Return the form of a kind.

    :raises KeyError: nobody registered it.
    """
    return _forms[kind]


def forms() -> tuple[SettingForm, ...]:
    """Return every form in the order they were registered."""
    return tuple(_forms.values())


def _clean_object(
    fields: Sequence[SettingField], given: Mapping[str, Any], path: str, errors: dict[str, str]
) -> SettingContent:
    cleaned: SettingContent = {}
    for one in fields:
        value = given.get(one.name, one.default)
        try:
            cleaned[one.name] = one.clean(value)
        except ValueError as error:
            errors[f"{path}{one.name}"] = str(error)
    return cleaned


def _clean_table(table: SettingTable, given: Any, errors: dict[str, str]) -> list[SettingContent]:
    if not isinstance(given, list):
        errors[table.name] = "give a list"
        return []
    if len(given) > MOST_ROWS:
        errors[table.name] = f"give {MOST_ROWS} at most"
        return []
    known = {one.name for one in table.columns}
    rows = []
    for number, row in enumerate(given):
        path = f"{table.name}.{number}."
        if not isinstance(row, Mapping):
            errors[path.rstrip(".")] = "give an object"
            continue
        for name in row:
            if name not in known and name not in table.derived:
                errors[f"{path}{name}"] = f"there is no such member; known are {_listed(known)}"
        rows.append(_clean_object(table.columns, row, path, errors))
    return rows


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _clean_text(one: SettingField, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("give a text")
    text = value.strip()
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"give {LONGEST_TEXT} characters at most")
    if "\0" in text:
        raise ValueError("a text holds no NUL")
    if one.type is FieldType.TEXT and ("\n" in text or "\r" in text):
        raise ValueError("give one line")
    return text


def _clean_number(one: SettingField, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("give a whole number")
    if not one.least <= value <= one.most:
        raise ValueError(f"give a number from {one.least} to {one.most}")
    return value


def _clean_flag(one: SettingField, value: Any) -> bool:
    if value == "":
        return False
    if not isinstance(value, bool):
        raise ValueError("give true or false")
    return value


def _clean_choice(one: SettingField, value: Any) -> str:
    if value == "" and not one.required:
        return ""
    if not isinstance(value, str) or value not in one.choices:
        raise ValueError(f"choose one of {', '.join(one.choices)}")
    return value


def _clean_list(one: SettingField, value: Any) -> list[str]:
    if value == "":
        return []
    if not isinstance(value, list):
        raise ValueError("give a list")
    if len(value) > MOST_VALUES:
        raise ValueError(f"give {MOST_VALUES} at most")
    cleaned = [_clean_text(one, item) for item in value]
    return list(dict.fromkeys(text for text in cleaned if text))


def _clean_choices(one: SettingField, value: Any) -> list[str]:
    cleaned = _clean_list(one, value)
    for text in cleaned:
        if text not in one.choices:
            raise ValueError(f"{text} is not known; choose one of {', '.join(one.choices)}")
    return cleaned


_CLEANERS: Final[Mapping[FieldType, Callable[[SettingField, Any], Any]]] = {
    FieldType.TEXT: _clean_text,
    FieldType.LONG_TEXT: _clean_text,
    FieldType.NUMBER: _clean_number,
    FieldType.FLAG: _clean_flag,
    FieldType.CHOICE: _clean_choice,
    FieldType.LIST: _clean_list,
    FieldType.CHOICES: _clean_choices,
}
