"""The database roles of production: none that serves people owns the tables, or can change the log.

Four roles: the owner, who migrates and runs nothing else; the application's, which reads and
writes all tables but the log, to which it may only add, and the journal of rollouts, which it only
reads; the apply worker's, which may add to that journal besides; and the audit worker's, which
seals.
"""

from typing import Any, Final

from django.db import connection, models, transaction
from psycopg2 import sql

from governance.audit.models import (
    AuditCheckpoint,
    AuditEntry,
    AuditLeaf,
    AuditNode,
    AuditVerification,
    CheckpointDelivery,
    EventStream,
    UnsealedEntry,
)

APPLICATION: Final = "orgwarden_app"
AUDIT_WORKER: Final = "orgwarden_audit"
APPLY_WORKER: Final = "orgwarden_apply"
# `governance.changes` stands above this package, so its table is named and not imported.
_JOURNAL: Final = "changes_journalentry"

# What each role may do with the tables of the log. The trigger that queues an entry for sealing
# acts as whoever writes the entry.
_OF_APPLICATION: Final[dict[type[models.Model], tuple[str, ...]]] = {
    AuditEntry: ("SELECT", "INSERT"),
    UnsealedEntry: ("SELECT", "INSERT"),
    AuditLeaf: ("SELECT",),
    AuditNode: ("SELECT",),
    AuditCheckpoint: ("SELECT",),
    AuditVerification: ("SELECT",),
    CheckpointDelivery: ("SELECT",),
    EventStream: ("SELECT",),
}
_OF_AUDIT_WORKER: Final[dict[type[models.Model], tuple[str, ...]]] = {
    AuditEntry: ("SELECT",),
    UnsealedEntry: ("SELECT", "DELETE"),
    AuditLeaf: ("SELECT", "INSERT"),
    AuditNode: ("SELECT", "INSERT"),
    AuditCheckpoint: ("SELECT", "INSERT"),
    AuditVerification: ("SELECT", "INSERT"),
    CheckpointDelivery: ("SELECT", "INSERT", "UPDATE"),
    EventStream: ("SELECT", "INSERT", "UPDATE"),
}


@transaction.atomic
def database_roles_apply(
    *, application_password: str, audit_password: str, apply_password: str
) -> None:
    """Make the roles where they are missing, and give each exactly what it needs.

    To be run by the owner of the tables, who may make roles, after each migration.

    :raises DatabaseError: the role that connects may not.
    """
    with connection.cursor() as cursor:
        for role, password in (
            (APPLICATION, application_password),
            (AUDIT_WORKER, audit_password),
            (APPLY_WORKER, apply_password),
        ):
            _make(cursor, role, password)
            _run(cursor, "GRANT USAGE ON SCHEMA public TO {}", role)
            _run(cursor, "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}", role)
        for role in (APPLICATION, APPLY_WORKER):
            _run(
                cursor,
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
                role,
            )
            _only(cursor, role, "django_migrations", ("SELECT",))
        _only(cursor, APPLICATION, _JOURNAL, ("SELECT",))
        _only(cursor, APPLY_WORKER, _JOURNAL, ("SELECT", "INSERT"))
        for role, tables in (
            (APPLICATION, _OF_APPLICATION),
            (APPLY_WORKER, _OF_APPLICATION),
            (AUDIT_WORKER, _OF_AUDIT_WORKER),
        ):
            for model, granted in tables.items():
                _only(cursor, role, model._meta.db_table, granted)


def _make(cursor: Any, role: str, password: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    verb = "ALTER" if cursor.fetchone() else "CREATE"
    cursor.execute(
        sql.SQL(
            "{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS "
            "PASSWORD {}"
        ).format(sql.SQL(verb), sql.Identifier(role), sql.Literal(password))
    )


def _only(cursor: Any, role: str, table: str, granted: tuple[str, ...]) -> None:
    """Give a role these privileges on a table and no others."""
    names = {"table": sql.Identifier(table), "role": sql.Identifier(role)}
    cursor.execute(sql.SQL("REVOKE ALL ON {table} FROM {role}").format(**names))
    cursor.execute(
        sql.SQL("GRANT {granted} ON {table} TO {role}").format(
            granted=sql.SQL(", ".join(granted)), **names
        )
    )


def _run(cursor: Any, statement: str, role: str) -> None:
    cursor.execute(sql.SQL(statement).format(sql.Identifier(role)))
