"""A database with all tables and no rows, made once a test session and copied for each worker."""

from contextlib import closing
from typing import Any

import psycopg2
from django.db import connection

from demo.new_database import prepare_database

_NAME = "orgwarden_template"
_UNFINISHED = "orgwarden_template_unfinished"


def prepared_template() -> str:
    """Return the template's name; the first process that asks makes it, others wait for that."""
    with closing(psycopg2.connect(**server_parameters())) as servers_own:
        servers_own.autocommit = True
        with servers_own.cursor() as cursor:
            # Held until this connection is closed.
            cursor.execute("SELECT pg_advisory_lock(0)")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_NAME])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {_UNFINISHED}")
                _prepare(_UNFINISHED)
                cursor.execute(f"ALTER DATABASE {_UNFINISHED} RENAME TO {_NAME}")
    return _NAME


def server_parameters() -> dict[str, Any]:
    """Return how to connect to the server's own database."""
    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    # Django's own makers of cursors are not for another database.
    parameters.pop("cursor_factory", None)
    return parameters


def _prepare(name: str) -> None:
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        prepare_database()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
