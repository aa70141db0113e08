"""How the database is emptied after a test that commits: what has rows, and quickly.

Django truncates every table and then makes content types, permissions and groups again, which
takes longer than many a test. What migrating made stays instead, as long as it is unchanged.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import TransactionTestCase

_MADE_BY_MIGRATING = (ContentType, Permission, Group, Group.permissions.through)


class Emptying:
    """Empties the database it is made on, which was just migrated."""

    def __init__(self) -> None:
        """Remember what migrating made."""
        made = {model._meta.db_table for model in _MADE_BY_MIGRATING}
        self._kept = sorted(made)
        names = connection.introspection.django_table_names(only_existing=True)
        self._emptied = sorted(set(names) - made)
        self._as_made = self._content()

    def empty(self) -> bool:
        """Delete all rows that tests stored. False if they changed what migrating made: then not.

        Deleting is hundreds of times quicker than truncating: that makes new files for each table.
        """
        if self._content() != self._as_made:
            return False
        filled = self._of_each(self._emptied, "SELECT '{0}' WHERE EXISTS (SELECT FROM {0})")
        deletes = " ".join(f"DELETE FROM {name};" for (name,) in filled)  # noqa: S608
        with connection.cursor() as cursor:
            # All tables are emptied, so that no row is left that could refer to another.
            cursor.execute(f"BEGIN; SET LOCAL session_replication_role = replica; {deletes} COMMIT")
        return True

    def _content(self) -> list[tuple[str, ...]]:
        digest = "SELECT '{0}', md5(string_agg(row::text, ';' ORDER BY row)) FROM {0} row"
        return self._of_each(self._kept, digest)

    def _of_each(self, tables: list[str], question: str) -> list[tuple[str, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(question.format(table) for table in tables))
            return list(cursor.fetchall())


@contextmanager
def _without_triggers() -> Iterator[None]:
    """Have append-only tables let themselves be truncated."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = origin")


def empty_quickly_after_tests() -> None:
    """Have Django's tests that commit use it, for the rest of this process."""
    emptying = Emptying()
    whole = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(self: TransactionTestCase) -> None:
        nonlocal emptying
        if not emptying.empty():
            with _without_triggers():
                whole(self)
            emptying = Emptying()

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]
