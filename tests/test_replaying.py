"""What is stored again in one statement is what factories store."""

import pytest
from django.db import connection as database

from inventory.models import Account, InventoryRun, PolicyAttachment
from tests.factories import snapshots
from tests.factories.connections import ConnectionFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db

# Keys differ, and so does when a row of this test was made.
_OWN = {"id", "connection_id", "run_id", "summary_id", "created_at", "sent_at"}


def rows_of(connection):
    """Return all rows of a connection by table, without their keys."""
    found = {}
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND column_name = 'connection_id' AND is_nullable = 'NO'"
        )
        for (table,) in cursor.fetchall():
            question = f'SELECT * FROM "{table}" WHERE connection_id = %s'  # noqa: S608
            cursor.execute(question, [connection.pk])
            columns = [column.name for column in cursor.description]
            rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
            found[table] = sorted(
                str({name: value for name, value in row.items() if name not in _OWN})
                for row in rows
            )
    return {table: rows for table, rows in found.items() if rows}


class TestOrganizationSnapshot:
    @pytest.mark.parametrize("covered", [True, False])
    def test_stored_again_has_the_rows_of_the_first(self, covered):
        built = snapshots._built(ConnectionFactory.create(), at=FIRST_RUN_AT, covered=covered)
        again = organization_snapshot(covered=covered)

        assert rows_of(again.connection) == rows_of(built.connection)
        assert len(rows_of(again.connection)) > 5

    def test_gives_objects_of_its_own_connection_and_run(self):
        made = organization_snapshot()
        payments = made.accounts["payments"]

        assert payments.connection is made.connection
        assert Account.objects.get(connection=made.connection, name="payments") == payments
        assert InventoryRun.objects.get(connection=made.connection) == made.run
        assert made.run.tasks_total == InventoryRun.objects.get(pk=made.run.pk).tasks_total
        payments.name = "renamed"
        payments.save()
        assert set(PolicyAttachment.objects.filter(connection=made.connection)) == set(
            made.attachments
        )

    def test_can_be_stored_twice_in_one_test(self):
        first, second = organization_snapshot(), organization_snapshot()

        assert rows_of(first.connection) == rows_of(second.connection)
        assert first.root.pk != second.root.pk
