"""Writes rows by PostgreSQL's COPY, as the store makes them, fingerprints included."""

import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import connection as database
from django.db import models

from demo.scale.shape import Span
from inventory.models import Connection, PolicyContent
from inventory.models.versions import Version
from inventory.records import Record
from inventory.store.rows import MODELS, row_of

_FLUSHED_ROWS: Final = 20_000
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


class Copy:
    """Rows of one table on their way; `flush` sends what waits."""

    def __init__(self, model: type[models.Model], columns: Sequence[str]) -> None:
        """Take values in the order of `columns`, names of fields or of their columns."""
        fields = [model._meta.get_field(name) for name in columns]
        self._names = [field.column for field in fields]  # type: ignore[union-attr]
        self._arrays = [isinstance(field, ArrayField) for field in fields]
        self._jsons = [isinstance(field, models.JSONField) for field in fields]
        self._table = model._meta.db_table
        self._lines: list[str] = []

    def add(self, values: Iterable[Any]) -> None:
        """Take one row."""
        cells = zip(values, self._arrays, self._jsons, strict=True)
        self._lines.append("\t".join(_cell(value, array, js) for value, array, js in cells))
        if len(self._lines) >= _FLUSHED_ROWS:
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        if not self._lines:
            return
        quoted = ", ".join(f'"{name}"' for name in self._names)
        self._lines.append("")
        with database.cursor() as cursor:
            cursor.copy_expert(
                f'COPY "{self._table}" ({quoted}) FROM STDIN', io.StringIO("\n".join(self._lines))
            )
        self._lines = []


def _cell(value: Any, array: bool, as_json: bool) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str) and not as_json:
        return value.translate(_ESCAPES)
    if isinstance(value, datetime):
        return value.isoformat()
    if array:
        inner = ",".join(f'"{each}"' for each in value)
        return "{" + inner.replace("\\", "\\\\") + "}"
    if as_json:
        return json.dumps(value).translate(_ESCAPES)
    return "t" if value is True else "f" if value is False else str(value)


def gather_statistics(*tables: type[models.Model]) -> None:
    """Let PostgreSQL plan for the rows that the transaction has put into some tables.

    Nothing else does before it ends, and a join of two tables that count as empty never does.
    """
    with database.cursor() as cursor:
        for table in tables:
            cursor.execute(f'ANALYZE "{table._meta.db_table}"')


class VersionLoader:
    """Turns records with their spans into rows of versions, each table by COPY.

    References are checked at the end of the transaction, so contents of policies come last.
    """

    def __init__(self, connection: Connection) -> None:
        """Write rows of this connection."""
        self.connection = connection
        self._copies: dict[type[Version], tuple[list[str], Copy]] = {}
        self._contents: dict[str, str] = {}
        self.counts: dict[str, int] = {}

    def add(self, record: Record, span: Span, *, account_id: str = "") -> None:
        """Take one version of what `record` says."""
        row = row_of(record, account_id=account_id)
        model = MODELS[type(record)]
        found = self._copies.get(model)
        if found is None:
            names = list(row.values)
            own = ["connection_id", "seen_from", "seen_until", "fingerprint"]
            columns = [_field_name(model, name) for name in [*own, *names]]
            found = self._copies[model] = (names, Copy(model, columns))
        names, copy = found
        self._contents.update(row.contents)
        self.counts[model.__name__] = self.counts.get(model.__name__, 0) + 1
        copy.add(
            [
                self.connection.pk,
                span.seen_from,
                span.seen_until,
                row.fingerprint(),
                *(row.values[name] for name in names),
            ]
        )

    def _write_contents(self) -> None:
        # Other organizations in the same database may have the same texts.
        PolicyContent.objects.bulk_create(
            [PolicyContent(sha256=key, text=text) for key, text in sorted(self._contents.items())],
            ignore_conflicts=True,
            batch_size=5000,
        )

    def flush(self) -> None:
        """Send what waits."""
        self._write_contents()
        for _, copy in self._copies.values():
            copy.flush()


def _field_name(model: type[Version], name: str) -> str:
    for field in model._meta.concrete_fields:
        if name in (field.attname, field.column):
            return field.name
    return name
