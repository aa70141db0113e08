"""A database's rows in one compressed file, to migrate them in a later version's tests.

`python -m tests.upgrades.rows FILE` writes every row of the database that the environment names.
Such a file is made once, with the code of the commit whose state it holds: start that commit's
demo, let its first inventory end, set the demo's environment and run this module there. The tables
themselves are not in the file: `django_migrations` is, and says which migrations make them.

The file is text, compressed by xz: for each table a line `COPY table (columns)`, its rows as
PostgreSQL's COPY writes them, and a line with a full stop after a backslash.
"""

import io
import lzma
import re
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import connection
from psycopg2 import sql

_END: Final = "\\.\n"


def write_rows(path: Path) -> int:
    """Write all rows of all tables to `path`, and return how many tables have any."""
    written = 0
    with (
        lzma.open(path, "wt", encoding="utf-8", preset=9 | lzma.PRESET_EXTREME) as file,
        connection.cursor() as cursor,
    ):
        for table in sorted(connection.introspection.table_names()):
            described = connection.introspection.get_table_description(cursor, table)
            columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in described)
            names = {"columns": columns, "table": sql.Identifier(table)}
            copied = sql.SQL("COPY (SELECT {columns} FROM {table} ORDER BY 1) TO STDOUT")
            rows = io.StringIO()
            cursor.copy_expert(copied.format(**names), rows)
            if rows.getvalue():
                written += 1
                begun = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(**names)
                file.write(f"{begun.as_string(cursor.cursor)}\n{rows.getvalue()}{_END}")
    return written


@dataclass(frozen=True, slots=True)
class Copied:
    """One table of such a file. `lines` end with their line feed."""

    statement: str
    table: str
    columns: tuple[str, ...]
    lines: tuple[str, ...]

    def columns_among(self, names: Collection[str]) -> list[str]:
        """Return those of its columns that are among `names`, in its order."""
        return [column for column in self.columns if column in names]

    def projected(self, names: Collection[str]) -> list[str]:
        """Return its rows with only the columns among `names`, as COPY would write them."""
        at = [index for index, column in enumerate(self.columns) if column in names]
        split = (line.rstrip("\n").split("\t") for line in self.lines)
        return ["\t".join(values[index] for index in at) for values in split]


def read_rows(path: Path) -> Iterator[Copied]:
    """Yield each table of a file, in its order."""
    statement = ""
    lines: list[str] = []
    with lzma.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            if not statement:
                statement = line.rstrip("\n")
            elif line == _END:
                table, *columns = re.findall(r'"([^"]+)"', statement)
                yield Copied(statement, table, tuple(columns), tuple(lines))
                statement, lines = "", []
            else:
                lines.append(line)


if __name__ == "__main__":
    import django

    django.setup()
    sys.stdout.write(f"{write_rows(Path(sys.argv[1]))} tables have rows\n")
