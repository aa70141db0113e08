"""How many rows that hold what is in AWS were written since a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import Model


@dataclass(frozen=True)
class Rows:
    """The rows that hold what is in AWS: how many, and which transaction came last.

    Runs and their coverage are records of the reading and do not count.
    """

    transaction: int
    count: int

    @classmethod
    def now(cls) -> Rows:
        """Count them."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            transaction = int(cursor.fetchone()[0])
        return cls(transaction, sum(count for count, _ in _counted(transaction)))

    def written_since(self) -> int:
        """Return how many rows were inserted or changed, and by how many they have become fewer."""
        counted = _counted(self.transaction)
        fewer = self.count - sum(count for count, _ in counted)
        return sum(written for _, written in counted) + max(0, fewer)


def _counted(transaction: int) -> list[tuple[int, int]]:
    """Return for each table its rows, and those that transactions after `transaction` wrote."""
    from django.db import connection

    from inventory.models import PolicyContent, PrincipalActivity
    from inventory.store.rows import MODELS

    kept: list[type[Model]] = [*MODELS.values(), PolicyContent, PrincipalActivity]
    found = []
    with connection.cursor() as cursor:
        for model in kept:
            # In a cluster as young as this one the numbers of transactions have not begun anew.
            table = connection.ops.quote_name(model._meta.db_table)
            newer = "xmin::text::bigint > %s"
            query = f"SELECT count(*), count(*) FILTER (WHERE {newer}) FROM {table}"  # noqa: S608
            cursor.execute(query, [transaction])
            rows, written = cursor.fetchone()
            found.append((int(rows), int(written)))
    return found
