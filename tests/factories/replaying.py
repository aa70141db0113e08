"""Stores again, in one statement, what factories have stored before in this process.

A small organization takes factories some hundred queries, and most tests begin with one. So its
rows are read back the first time, and from then on written at once, with the same keys, for
another connection and another run.
"""

import io
import pickle
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.db import connection as database
from django.db.models import Model

from inventory.models import Connection, InventoryRun, PolicyContent

_GIVEN = {"connection_id": "%(connection)s", "run_id": "%(run)s"}


@dataclass(frozen=True)
class Replay:
    """The rows that belong to one connection and one run, and the objects that stand for them.

    `statements` take the two keys, and leave contents alone that are stored already.
    """

    statements: str
    pickled: bytes
    run: InventoryRun
    first: Model

    @classmethod
    def of(cls, made: Any, *, connection: Connection, run: InventoryRun, first: Model) -> Self:
        """Read back what was stored for `connection`; `made` holds the objects.

        `first`: one of the rows. Where it is still stored, nothing can be stored again.
        """
        statements = [
            _inserted(PolicyContent._meta.db_table, "true", "ON CONFLICT DO NOTHING"),
            *(_inserted(table, f"connection_id = {connection.pk}") for table in _tables()),
        ]
        pickled = io.BytesIO()
        _Pickler(pickled, {id(connection): "connection", id(run): "run"}).dump(made)
        return cls("".join(statements), pickled.getvalue(), run, first)

    def can_be_stored(self) -> bool:
        """Tell whether its keys are free."""
        return not type(self.first)._default_manager.filter(pk=self.first.pk).exists()

    def stored(self, *, connection: Connection, run: InventoryRun) -> Any:
        """Store the rows for another connection and run, and return the objects."""
        with database.cursor() as cursor:
            cursor.execute(self.statements, {"connection": connection.pk, "run": run.pk})
        given = {"connection": connection, "run": run}
        return _Unpickler(io.BytesIO(self.pickled), given).load()


class _Pickler(pickle.Pickler):
    """Names what will be another one next time."""

    def __init__(self, file: io.BytesIO, names: dict[int, str]) -> None:
        super().__init__(file)
        self._names = names

    def persistent_id(self, obj: Any) -> str | None:
        return self._names.get(id(obj))


class _Unpickler(pickle.Unpickler):
    """Puts what is given in the place of its name."""

    def __init__(self, file: io.BytesIO, given: dict[str, Model]) -> None:
        super().__init__(file)
        self._given = given

    def persistent_load(self, name: str) -> Model:
        return self._given[name]


def belong_to(connection: Connection, rows: Iterable[Any]) -> None:
    """Have rows that were unpickled know the key of their connection."""
    for row in rows:
        row.connection = connection


def _tables() -> list[str]:
    """Return the tables of rows of a connection, a table after those that it refers to."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND column_name = 'connection_id' AND table_name LIKE 'inventory%%'"
            " AND table_name <> 'inventory_inventoryrun' ORDER BY table_name"
        )
        return [name for (name,) in cursor.fetchall()]


def _inserted(table: str, condition: str, ending: str = "") -> str:
    """Return the statement that inserts the rows of a table again; empty where there are none."""
    with database.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}" WHERE {condition} ORDER BY 1')  # noqa: S608
        columns = [column.name for column in cursor.description]
        rows = [
            ", ".join(
                _GIVEN.get(column) or cursor.mogrify("%s", [value]).decode().replace("%", "%%")
                for column, value in zip(columns, row, strict=True)
            )
            for row in cursor.fetchall()
        ]
    if not rows:
        return ""
    names = ", ".join(f'"{column}"' for column in columns)
    values = "), (".join(rows)
    return f'INSERT INTO "{table}" ({names}) VALUES ({values}) {ending};\n'  # noqa: S608
