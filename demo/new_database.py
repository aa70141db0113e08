"""Gives an empty database its tables at once, and migrates from there.

Migrating an empty database takes half a minute of processor time, nearly all of it spent on
Django's picture of the models after each of some 400 steps; the statements take one second. So
`new_database.sql` holds the tables as migrations make them, and which migrations those are. A new
database of the demo, of tests and of benchmarks begins with it, and what came later migrates it.
`tests/upgrades` compares it with a database that every migration has gone through.

`python -m demo.new_database` prepares the database that the environment names;
`make tables` writes the file again, from migrations alone.
"""

import os
import re
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import django
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from demo.stack import postgres
from demo.stack.ports import free_port

FILE: Final = Path(__file__).with_suffix(".sql")
_MIGRATION: Final = re.compile(r"^ \('(\w+)', '(\w+)', now\(\)\)[,;]$", re.MULTILINE)
# What pg_dump writes for people, for psql, and to name itself.
_NO_STATEMENT: Final = re.compile(
    r"^(--|-- (Name: |PostgreSQL database|Dumped ).*|\\(un)?restrict .*)\n", re.MULTILINE
)


def prepare_database(*, verbosity: int = 0) -> None:
    """Have the database at this version: a new one begins with the file, another one migrates."""
    if not connection.introspection.table_names() and _is_of_this_version():
        with connection.cursor() as cursor:
            cursor.execute(FILE.read_text(encoding="utf-8"))
        # The file leaves its session without a search path.
        connection.close()
    call_command("migrate", verbosity=verbosity, interactive=False)


def noted_migrations() -> frozenset[tuple[str, str]]:
    """Return the migrations that made the tables in the file, as (app, name)."""
    return frozenset(
        (app, name) for app, name in _MIGRATION.findall(FILE.read_text(encoding="utf-8"))
    )


def _is_of_this_version() -> bool:
    """Return whether this version has every migration of the file; else it is of another."""
    return noted_migrations() <= MigrationLoader(None).disk_migrations.keys()


def dumped_tables() -> str:
    """Return the statements that make all tables of the database, as pg_dump has them."""
    settings = connection.settings_dict
    done = subprocess.run(
        [
            *(postgres.binaries() / "pg_dump", "--schema-only", "--no-owner", "--no-privileges"),
            *("--host", settings["HOST"], "--port", str(settings["PORT"])),
            *("--username", settings["USER"], settings["NAME"]),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return _NO_STATEMENT.sub("", done.stdout)


def _write() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    applied = MigrationRecorder.Migration.objects.order_by("id").values_list("app", "name")
    rows = ",\n".join(f" ('{app}', '{name}', now())" for app, name in applied)
    FILE.write_text(
        "-- Written by `make tables`.\n"
        f"{dumped_tables()}"
        f"INSERT INTO public.django_migrations (app, name, applied) VALUES\n{rows};\n",
        encoding="utf-8",
    )
    connection.close()


@contextmanager
def _cluster() -> Iterator[None]:
    """Run a PostgreSQL with an empty database, and have the environment name it."""
    with tempfile.TemporaryDirectory(prefix="orgwarden tables ") as name:
        data, password = Path(name) / "postgres" / "data", secrets.token_urlsafe(24)
        postgres.create_cluster(data, password=password)
        process, database = postgres.start(
            data,
            port=free_port(),
            password=password,
            records=Path(name) / "processes",
            output=subprocess.DEVNULL,
        )
        try:
            postgres.wait_until_ready(process, database)
            database.ensure_database()
            os.environ |= database.environment()
            yield
        finally:
            process.stop()


def _main(*, write: bool) -> None:
    if not write:
        django.setup()
        prepare_database()
        return
    with _cluster():
        os.environ["DJANGO_SETTINGS_MODULE"] = "governance.config.settings.test"
        django.setup()
        _write()


if __name__ == "__main__":
    _main(write=sys.argv[1:] == ["--write"])
