"""From a record to the columns of its row."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from django.db import models

from inventory import models as tables
from inventory.digests import sha256
from inventory.models.versions import Version
from inventory.record_types import RECORD_TYPES, Keep, Owner, Record

MODELS: Final[Mapping[type[Record], type[Version]]] = {
    kind: getattr(tables, declared.table)
    for kind, declared in RECORD_TYPES.items()
    if declared.keep == Keep.VERSIONS
}
# The tables that hold what is in one account: emptied for accounts that leave.
ACCOUNT_MODELS: Final[tuple[type[Version], ...]] = tuple(
    model for kind, model in MODELS.items() if RECORD_TYPES[kind].owner == Owner.ACCOUNT
)
# As versions are, but in place: what changes without anybody changing anything.
ACCOUNT_MODELS_IN_PLACE: Final[tuple[type[models.Model], ...]] = tuple(
    getattr(tables, declared.table)
    for declared in RECORD_TYPES.values()
    if declared.keep == Keep.IN_PLACE and declared.owner == Owner.ACCOUNT
)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")


_CANONICAL: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
)
# How many texts have their digest remembered: the same policies stand in every account.
_DIGESTS_REMEMBERED: Final = 2000


@dataclass(slots=True)
class VersionRow:
    """A row to be. `key`: the values of the model's natural key. `values`: column → value.

    `contents`: the texts that the row points at, by their SHA-256. `tags_unknown`: the tags were
    not read and are those of the version before.
    """

    key: tuple[str, ...]
    values: dict[str, Any]
    contents: dict[str, str] = field(default_factory=dict)
    tags_unknown: bool = False

    def fingerprint(self) -> str:
        """Return the SHA-256 of the values in canonical JSON, 64 hex digits."""
        return sha256(_CANONICAL.encode(self.values))


class _As(Enum):
    """How a field of a record becomes the value of a column."""

    TEXT = "text"
    TEXTS = "texts"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class _Table:
    """What rows of a type of record are made by. `columns`: field, column, how."""

    columns: tuple[tuple[str, str, _As], ...]
    key: tuple[str, ...]
    has_account: bool
    has_region: bool
    has_tags: bool


def row_of(record: Record, *, account_id: str, region: str = "") -> VersionRow:
    """Return the row that `record` becomes; `account_id` and `region`: where it was read.

    A record that tells its own account or region keeps it.
    """
    table = _TABLES[type(record)]
    contents: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, column, way in table.columns:
        value = getattr(record, name)
        if way is _As.TEXT:
            values[column] = _keep(value, contents)
        elif way is _As.TEXTS:
            values[column] = {each: _keep(text, contents) for each, text in value.items()}
        elif isinstance(value, tuple):
            values[column] = list(value)
        elif isinstance(value, Mapping):
            values[column] = dict(value)
        else:
            values[column] = value
    if table.has_account and values.get("account_id") is None:
        values["account_id"] = account_id
    if region and table.has_region:
        values.setdefault("region", region)
    tags_unknown = table.has_tags and values["tags"] is None
    if tags_unknown:
        values["tags"] = {}
    key = tuple([str(values[name]) for name in table.key])
    return VersionRow(key, values, contents, tags_unknown)


def _made_table(kind: type[Record]) -> _Table:
    model = MODELS[kind]
    columns = []
    for each in dataclasses.fields(kind):
        column = model._meta.get_field(each.name)
        if isinstance(column, models.ForeignKey) and column.related_model is tables.PolicyContent:
            columns.append((each.name, column.attname, _As.TEXT))
        elif each.name == "inline_policies":
            columns.append((each.name, each.name, _As.TEXTS))
        else:
            columns.append((each.name, each.name, _As.VALUE))
    names = {column.name for column in model._meta.concrete_fields}
    return _Table(
        columns=tuple(columns),
        key=model.natural_key,
        has_account="account_id" in model.natural_key,
        has_region="region" in names,
        has_tags=any(name == "tags" for name, _, _ in columns),
    )


# By type; those that are no versions have none.
_TABLES: Final = {kind: _made_table(kind) for kind in MODELS}


def _keep(text: str | None, contents: dict[str, str]) -> str | None:
    if text is None:
        return None
    digest = _digest(text)
    contents[digest] = text
    return digest


_digest = lru_cache(maxsize=_DIGESTS_REMEMBERED)(sha256)
