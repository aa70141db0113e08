"""In production nobody who serves people can change the audit log, with or without its triggers."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection
from psycopg2 import errors

from governance.audit.database_roles import APPLICATION, APPLY_WORKER, AUDIT_WORKER
from governance.audit.sealing import seal
from governance.audit.verification import verify_log
from tests.factories.audit import NOW, audit_entry

pytestmark = pytest.mark.django_db(transaction=True)

INSERT = (
    "INSERT INTO audit_auditentry (recorded_at, action, outcome, actor_kind, actor_name, "
    "on_behalf_of, session, address, request_id, object_kind, object_id, object_name, target_id) "
    "VALUES (now(), 'x.y', 'done', 'system', 'app', '', '', '', '', 'thing', '1', '', '')"
)
JOURNAL = "changes_journalentry"
READ_ONLY = ("django_migrations", JOURNAL)
ADD_TO_JOURNAL = (
    f"INSERT INTO {JOURNAL} (rollout_id, step, attempt, phase, call, outcome, aws_request_id, "  # noqa: S608
    "detail, recorded_at) VALUES (1, 1, 1, 'intent', 'AttachPolicy', '', '', '{}', now())"
)
LOG_TABLES = ("audit_auditentry", "audit_auditleaf", "audit_auditnode", "audit_auditcheckpoint")


@pytest.fixture
def alone(tmp_path_factory):
    """No other worker's turn: roles are of the server, and all workers of a test run share it."""
    with (tmp_path_factory.getbasetemp().parent / "database-roles.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


@pytest.fixture
def passwords(tmp_path, alone):
    """The roles as the command makes them, twice, as each migration does; their passwords."""
    files = {}
    for role in (APPLICATION, AUDIT_WORKER, APPLY_WORKER):
        files[role] = tmp_path / role
        files[role].write_text(secrets.token_urlsafe(16) + "'\n")
    for _ in range(2):
        call_command(
            "database_roles",
            application_password_file=str(files[APPLICATION]),
            audit_password_file=str(files[AUDIT_WORKER]),
            apply_password_file=str(files[APPLY_WORKER]),
        )
    yield {role: file.read_text().strip() for role, file in files.items()}
    with connection.cursor() as cursor:
        for role in files:
            cursor.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


@contextmanager
def connected(role: str, password: str) -> Iterator["psycopg2.extensions.cursor"]:
    """Connect as a role of production."""
    settings = connection.get_connection_params()
    made = psycopg2.connect(
        host=settings["host"],
        port=settings["port"],
        dbname=settings["dbname"],
        user=role,
        password=password,
    )
    made.autocommit = True
    try:
        with made.cursor() as cursor:
            yield cursor
    finally:
        made.close()


class TestApplication:
    def test_adds_entries_which_are_queued_for_sealing(self, passwords):
        with connected(APPLICATION, passwords[APPLICATION]) as cursor:
            cursor.execute(INSERT)
            cursor.execute("SELECT count(*) FROM audit_unsealedentry")
            assert cursor.fetchone() == (1,)

    @pytest.mark.parametrize(
        "statement",
        [
            *(f"DELETE FROM {table}" for table in LOG_TABLES),  # noqa: S608
            *(f"TRUNCATE {table} CASCADE" for table in LOG_TABLES),
            "UPDATE audit_auditentry SET actor_name = 'eve'",
            "UPDATE audit_auditleaf SET position = position + 1",
            "INSERT INTO audit_auditleaf (position, entry_id, leaf_hash) VALUES (0, 1, 'x')",
            "DELETE FROM audit_unsealedentry",
            "ALTER TABLE audit_auditentry DISABLE TRIGGER ALL",
            "DROP TABLE audit_auditentry CASCADE",
            "SET session_replication_role = replica",
            "SELECT set_config('pgtrigger.ignore', '{append_only}', false); "
            "DELETE FROM audit_auditentry",
            "DELETE FROM django_migrations",
            ADD_TO_JOURNAL,
            "CREATE TABLE mine (id int)",
        ],
    )
    def test_is_refused_everything_else_of_the_log(self, passwords, statement):
        audit_entry()
        with (
            connected(APPLICATION, passwords[APPLICATION]) as cursor,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            cursor.execute(statement)

    def test_writes_every_other_table(self, passwords):
        with connected(APPLICATION, passwords[APPLICATION]) as cursor:
            cursor.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            )
            tables = {name for (name,) in cursor.fetchall()}
            assert {"inventory_account", "access_roleassignment", "auth_user"} <= tables
            for table in sorted(tables):
                if table.startswith("audit_") or table in READ_ONLY:
                    continue
                cursor.execute(f'DELETE FROM "{table}" WHERE false')  # noqa: S608
                cursor.execute(f'SELECT FROM "{table}" LIMIT 1')


class TestApplyWorker:
    def test_alone_adds_to_the_journal_of_rollouts(self, passwords):
        with (
            connected(APPLY_WORKER, passwords[APPLY_WORKER]) as cursor,
            # The rollout is not there, which is what is looked at after the right.
            pytest.raises(errors.ForeignKeyViolation),
        ):
            cursor.execute(ADD_TO_JOURNAL)

    @pytest.mark.parametrize(
        "statement",
        [
            f"DELETE FROM {JOURNAL}",  # noqa: S608
            f"UPDATE {JOURNAL} SET step = 2",  # noqa: S608
            "UPDATE audit_auditentry SET actor_name = 'eve'",
            "INSERT INTO audit_auditleaf (position, entry_id, leaf_hash) VALUES (0, 1, 'x')",
        ],
    )
    def test_changes_neither_the_journal_nor_the_log(self, passwords, statement):
        with (
            connected(APPLY_WORKER, passwords[APPLY_WORKER]) as cursor,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            cursor.execute(statement)


class TestAuditWorker:
    def test_seals_and_verifies(self, passwords):
        audit_entry()
        audit_entry()
        parameters = connection.settings_dict
        before = (parameters["USER"], parameters["PASSWORD"])
        connection.close()
        parameters["USER"], parameters["PASSWORD"] = AUDIT_WORKER, passwords[AUDIT_WORKER]
        try:
            assert seal() == 2
            assert verify_log(now=NOW).problems == []
        finally:
            connection.close()
            parameters["USER"], parameters["PASSWORD"] = before

    @pytest.mark.parametrize(
        "statement",
        [
            INSERT,
            "UPDATE audit_auditentry SET actor_name = 'eve'",
            *(f"DELETE FROM {table}" for table in LOG_TABLES),  # noqa: S608
            "SELECT * FROM auth_user",
        ],
    )
    def test_can_neither_write_entries_nor_read_anything_else(self, passwords, statement):
        with (
            connected(AUDIT_WORKER, passwords[AUDIT_WORKER]) as cursor,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            cursor.execute(statement)
