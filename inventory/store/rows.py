"""From a record to the columns of its row."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
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


@dataclass(slots=True)
class Row:
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
        text = json.dumps(
            self.values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
        )
        return sha256(text)


def row_of(record: Record, *, account_id: str, region: str = "") -> Row:
    """Return the row that `record` becomes; `account_id` and `region`: where it was read.

    A record that tells its own account or region keeps it.
    """
    model = MODELS[type(record)]
    contents: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, value in _fields(record):
        column = model._meta.get_field(name)
        if isinstance(column, models.ForeignKey) and column.related_model is tables.PolicyContent:
            values[column.attname] = _keep(value, contents)
        elif name == "inline_policies":
            values[name] = {each: _keep(text, contents) for each, text in value.items()}
        elif isinstance(value, tuple):
            values[name] = list(value)
        elif isinstance(value, Mapping):
            values[name] = dict(value)
        else:
            values[name] = value
    if "account_id" in model.natural_key:
        values.setdefault("account_id", account_id)
    if region and any(column.name == "region" for column in model._meta.concrete_fields):
        values.setdefault("region", region)
    tags_unknown = "tags" in values and values["tags"] is None
    if tags_unknown:
        values["tags"] = {}
    key = tuple(str(values[name]) for name in model.natural_key)
    return Row(key, values, contents, tags_unknown)


def _fields(record: Record) -> list[tuple[str, Any]]:
    return [(field.name, getattr(record, field.name)) for field in dataclasses.fields(record)]


def _keep(text: str | None, contents: dict[str, str]) -> str | None:
    if text is None:
        return None
    digest = sha256(text)
    contents[digest] = text
    return digest


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")
