"""How many rows that hold what is in AWS were written since a moment."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import Model


@dataclass(frozen=True)
class Rows:
    """The rows that hold what is in AWS: how many by table, and which transaction came last.

    Runs and their coverage are records of the reading and do not count.
    """

    transaction: int
    counts: dict[str, int]

    @classmethod
    def now(cls) -> Rows:
        """Count them."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            transaction = int(cursor.fetchone()[0])
        return cls(
            transaction, {table: count for table, (count, _) in _counted(transaction).items()}
        )

    def written_since(self) -> Counter[str]:
        """Return by table how many rows were inserted or changed, and by how many it is shorter."""
        return Counter(
            {
                table: written + max(0, self.counts[table] - count)
                for table, (count, written) in _counted(self.transaction).items()
            }
        )


def _counted(transaction: int) -> dict[str, tuple[int, int]]:
    """Return for each table its rows, and those that transactions after `transaction` wrote."""
    from django.db import connection

    from inventory.models import PolicyContent, PrincipalActivity
    from inventory.store.rows import MODELS

    kept: list[type[Model]] = [*MODELS.values(), PolicyContent, PrincipalActivity]
    found = {}
    with connection.cursor() as cursor:
        for model in kept:
            # In a cluster as young as this one the numbers of transactions have not begun anew.
            table = connection.ops.quote_name(model._meta.db_table)
            newer = "xmin::text::bigint > %s"
            query = f"SELECT count(*), count(*) FILTER (WHERE {newer}) FROM {table}"  # noqa: S608
            cursor.execute(query, [transaction])
            rows, written = cursor.fetchone()
            found[model.__name__] = (int(rows), int(written))
    return found
