"""A database of an earlier version is migrated to this one, with its data, and works.

`first-kept.copy.xz` holds the rows of the first version whose migrations are kept (commit
31a60ec): the demo organization cut down to 14 accounts, read twice with a policy detached between
the runs, a draft, a simulation, a question and a token. `rows.py` says how such a file is made.
"""

import io
import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone
from psycopg2 import sql
from pytest_django import DjangoDbBlocker

from demo.new_database import dumped_tables
from demo.smoke.addresses import addresses
from demo.smoke.samples import stored_things
from governance.access import rights
from governance.access.actors import user_actor
from governance.access.models import RoleAssignment
from governance.access.tokens import token_issue
from governance.posture.trust.refreshing import refresh_trust
from inventory.models import (
    Connection,
    Coverage,
    InventoryRun,
    Policy,
    PolicyAttachment,
)
from inventory.selectors.runs import run_accounts, run_coverage
from inventory.viewing import Viewer
from tests.factories.owners import OwnerRuleFactory
from tests.factories.people import give_role
from tests.factories.resources import BucketFactory
from tests.upgrades.rows import Copied, read_rows

pytestmark = pytest.mark.django_db

FILE = Path(__file__).with_name("first-kept.copy.xz")
# One a worker: the tests of this module may be shared out.
_DATABASE = f"orgwarden_upgrade_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
# Made anew by migrating: what models and permissions there are.
_MADE_BY_MIGRATING = {"auth_permission", "django_content_type"}
# The groups that were roles are role assignments now.
_KEPT_AS_ROLES = {"auth_group", "auth_group_permissions", "auth_user_groups"}
# A row a run then, spans that hold from run to run now: compared by what they tell.
_KEPT_BY_CHANGE = {"inventory_coverage", "inventory_runaccount"}
_STOP_POLLING = 286
SEES = Viewer(sees_inventory=True)


@pytest.fixture(scope="module")
def kept() -> dict[str, Copied]:
    """The earlier version's rows by table."""
    return {copied.table: copied for copied in read_rows(FILE)}


@pytest.fixture(scope="module")
def tables_of_a_new_one(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> str:
    """The statements that make the tables of a database that began with those of a file."""
    with django_db_blocker.unblock():
        return _made_again(dumped_tables())


@pytest.fixture(scope="module")
def upgraded(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    kept: dict[str, Copied],
    tables_of_a_new_one: str,
) -> Iterator[None]:
    """A database of its own: the earlier version's tables and rows, migrated to this version."""
    with django_db_blocker.unblock():
        usual = connection.settings_dict["NAME"]
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {_DATABASE}")
            cursor.execute(f"CREATE DATABASE {_DATABASE}")
        connection.close()
        connection.settings_dict["NAME"] = _DATABASE
        try:
            _load(kept)
            call_command("migrate", verbosity=0, interactive=False)
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = usual
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {_DATABASE} WITH (FORCE)")


@pytest.fixture(scope="module")
def upgraded_tables(upgraded: None, django_db_blocker: DjangoDbBlocker) -> str:
    """The statements that make the tables of the upgraded database."""
    with django_db_blocker.unblock():
        return _made_again(dumped_tables())


def _load(kept: dict[str, Copied]) -> None:
    """Make the earlier version's tables by its own migrations, and fill them."""
    newest = dict(line.split("\t")[1:3] for line in kept["django_migrations"].lines)
    executor = MigrationExecutor(connection)
    executor.migrate([target for target in newest.items() if target in executor.loader.graph.nodes])
    with connection.cursor() as cursor:
        cursor.execute("BEGIN; SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM django_migrations")
        for copied in kept.values():
            cursor.copy_expert(copied.statement, io.StringIO("".join(copied.lines)))
        cursor.execute("COMMIT")
        cursor.execute(
            "SELECT format('SELECT setval(%L, (SELECT max(%I) FROM %I))', pg_get_serial_sequence("
            "quote_ident(table_name), column_name), column_name, table_name)"
            " FROM information_schema.columns WHERE table_schema = 'public' AND is_identity = 'YES'"
        )
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)


def rows_of(copied: Copied) -> Counter[str]:
    """Return what stands in a table now, in the columns that it had and still has."""
    columns = copied.columns_among(
        {c.name for c in _described(copied.table)} if copied.table in _tables() else set()
    )
    found = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(
            sql.SQL("COPY (SELECT {columns} FROM {table}) TO STDOUT").format(
                columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
                table=sql.Identifier(copied.table),
            ),
            found,
        )
    return Counter(found.getvalue().splitlines())


def dictionaries(copied: Copied) -> list[dict[str, str]]:
    """Return the earlier version's rows of a table, by column."""
    return [
        dict(zip(copied.columns, line.rstrip("\n").split("\t"), strict=True))
        for line in copied.lines
    ]


def _made_again(tables: str) -> str:
    """Return the statements for tables made by `tables`: PostgreSQL words some anew, once."""
    usual = connection.settings_dict["NAME"]
    name = f"{_DATABASE}_again"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        with connection.cursor() as cursor:
            cursor.execute(tables)
        return dumped_tables()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _tables() -> list[str]:
    return connection.introspection.table_names()


def _described(table: str) -> list:
    with connection.cursor() as cursor:
        return connection.introspection.get_table_description(cursor, table)


@pytest.mark.usefixtures("upgraded")
class TestUpgradeOfTheFirstVersionThatIsKept:
    def test_has_rows_of_every_kind_to_carry(self, kept):
        assert {
            "access_apitoken", "inventory_account", "inventory_connection", "inventory_coverage",
            "inventory_collectedspan", "inventory_policyattachment", "inventory_policycontent",
            "inventory_principal", "inventory_runaccount", "simulations_simulation",
            "simulations_simulationjob", "who_can_whocanjob",
        } <= kept.keys()  # fmt: skip

    def test_has_the_tables_with_which_a_new_database_begins(
        self, upgraded_tables, tables_of_a_new_one
    ):
        assert upgraded_tables == tables_of_a_new_one

    def test_loses_no_row_and_changes_no_value(self, kept):
        missing = {}
        for table, copied in kept.items():
            if table in _MADE_BY_MIGRATING | _KEPT_BY_CHANGE | _KEPT_AS_ROLES:
                continue
            columns = {c.name for c in _described(table)} if table in _tables() else set()
            lost = Counter(copied.projected(columns)) - rows_of(copied) if columns else Counter()
            if lost or not columns:
                missing[table] = next(iter(lost), "the table is gone")
        assert missing == {}

    def test_gives_who_was_in_a_group_that_role_everywhere(self, kept):
        names = {row["id"]: row["name"] for row in dictionaries(kept["auth_group"])}
        before = {
            (int(row["user_id"]), names[row["group_id"]])
            for row in dictionaries(kept["auth_user_groups"])
        }
        assigned = RoleAssignment.objects.filter(connection__isnull=True, source="carried_over")
        assert before
        assert set(assigned.values_list("user_id", "role")) == before
        assert not Group.objects.exists()

    def test_knows_what_was_read_and_what_was_denied(self, kept):
        holding = Coverage.objects.filter(held_until__isnull=True)
        states = dict(holding.values_list("account_id", "state"))
        assert {"complete", "denied"} <= set(holding.values_list("state", flat=True))
        parts = dictionaries(kept["inventory_runaccount"])
        assert len(states) == len({*(part["account_id"] for part in parts), ""})
        assert InventoryRun.objects.filter(state=InventoryRun.State.PARTIAL).count() == 2

    def test_tells_of_each_run_what_came_of_every_collector(self, kept):
        names = ("account_id", "region", "collector", "state", "error_code")
        for run in InventoryRun.objects.all():
            before = {
                tuple(row[name] for name in names)
                for row in dictionaries(kept["inventory_coverage"])
                if row["run_id"] == str(run.pk)
            }
            assert before
            assert set(run_coverage(SEES, run=run).values_list(*names)) == before

    def test_writes_a_span_for_what_was_the_same_in_both_runs(self, kept):
        rows = len(dictionaries(kept["inventory_coverage"]))
        assert rows / 2 <= Coverage.objects.count() < rows * 0.6

    def test_tells_of_each_run_how_every_account_ended(self, kept):
        names = ("total", "complete", "denied", "unsupported")
        for run in InventoryRun.objects.all():
            before = {
                (row["account_id"], row["state"], *(int(row[name]) for name in names))
                for row in dictionaries(kept["inventory_runaccount"])
                if row["run_id"] == str(run.pk)
            }
            found = {
                (row.account_id, row.state, *(getattr(row, f"{name}_then") for name in names))
                for row in run_accounts(SEES, run=run)
            }
            assert found == before

    def test_still_knows_the_past(self):
        ended = PolicyAttachment.objects.filter(seen_until__isnull=False).count()
        assert ended == 1
        assert Policy.objects.filter(seen_until__isnull=False).exists()

    def test_answers_every_page_and_endpoint(self):
        staff = User.objects.get(username="staff")
        give_role(staff, "administrator")
        now = timezone.now()
        _, token = token_issue(
            actor=user_actor(staff),
            user=staff,
            name="upgrade",
            scopes=[scope for scope in rights.TOKEN_SCOPES if staff.has_perm(scope)],
            expires_at=now + timedelta(hours=1),
            now=now,
        )
        headers = {"authorization": f"Bearer {token}"}
        client = Client()
        client.force_login(staff)
        # Buckets were not collected then: the next run stores them.
        connected = Connection.objects.get()
        BucketFactory.create(connection=connected)
        # Nor were there rules by which owners are known.
        OwnerRuleFactory.create(connection=connected)
        # As beat does within five minutes of an update.
        refresh_trust(connected, now=now)
        failures = []
        visited = 0
        for address in addresses(stored_things(staff).parameters()):
            assert not address.lacking, address
            by_token = headers if address.path.startswith("/api/") else {}
            answer = client.get(address.path, headers=by_token)
            if answer.status_code == HTTPStatus.FORBIDDEN:
                answer = client.get(address.path)
            visited += 1
            if answer.status_code not in {
                HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.METHOD_NOT_ALLOWED, _STOP_POLLING,
            }:  # fmt: skip
                failures.append(f"{address.path}: {answer.status_code}")
        assert "\n".join(failures) == ""
        assert visited > 100
