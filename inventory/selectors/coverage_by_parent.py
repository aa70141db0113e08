"""How well the accounts of each root and OU are known, counted without reading each of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection as database
from django.db.models import QuerySet

from inventory.models import Account, Connection
from inventory.selectors.connections import stale_after
from inventory.selectors.coverage import Knowledge, known_accounts, summarize
from inventory.selectors.hierarchy import accounts
from inventory.viewing import Viewer


@dataclass(frozen=True, slots=True)
class AlikeAccounts:
    """Accounts directly in one root or OU that are known alike.

    `oldest_complete_at`: of the account that is oldest in this; None where one of its collectors
    was never complete.
    """

    parent_id: str
    accounts: int
    knowledge: Knowledge
    oldest_complete_at: datetime | None


def coverage_by_parent(
    viewer: Viewer,
    *,
    connection: Connection,
    now: datetime,
    as_of: datetime | None = None,
    parent_ids: Collection[str] | None = None,
) -> list[AlikeAccounts]:
    """Count the accounts of each parent, or of those given, by how well they are known.

    Accounts that were never collected are absent. With `as_of`, what was known then.
    """
    moment = as_of or now
    placed = accounts(viewer, connection=connection, as_of=as_of).order_by()
    known = known_accounts(viewer, connection=connection, as_of=as_of)
    if parent_ids is not None:
        placed = placed.filter(parent_id__in=parent_ids)
        if as_of is not None:  # what was known then is summed up first, of all accounts
            known = known.filter(account_id__in=placed.values("account_id"))
    fresh_since = moment - stale_after(connection)
    return [
        _alike(connection, moment, parent_id, counts, oldest, count)
        for parent_id, *counts, oldest, count in _grouped(known, placed, fresh_since)
    ]


def _grouped(
    known: "QuerySet[Any, dict[str, Any]]", placed: "QuerySet[Account]", fresh_since: datetime
) -> list[tuple[Any, ...]]:
    """Count accounts by parent and by what their coverage is judged by.

    As SQL: the two tables have an account's id in common and no key, by which Django could join
    them; to look up the parent of each of 10,000 accounts takes six times as long.
    """
    judged = ", ".join(_JUDGED)
    try:
        coverage, coverage_values = known.query.sql_with_params()
        parents, parents_values = placed.values("account_id", "parent_id").query.sql_with_params()
    except EmptyResultSet:  # nothing is asked for, or the viewer may not see it
        return []
    with database.cursor() as cursor:
        cursor.execute(
            f"SELECT parent_id, {judged}, MIN(oldest_complete_at), COUNT(*) "  # noqa: S608
            f"FROM ({coverage}) AS known JOIN ({parents}) AS placed USING (account_id) "
            f"GROUP BY parent_id, {judged}, oldest_complete_at >= %s",
            (*coverage_values, *parents_values, fresh_since),
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


_JUDGED: Final = ("total", "complete", "denied", "unsupported")


def _alike(
    connection: Connection,
    moment: datetime,
    parent_id: str,
    counts: Sequence[int],
    oldest: datetime | None,
    count: int,
) -> AlikeAccounts:
    total, complete, denied, unsupported = counts
    summary = summarize(
        total=total,
        complete=complete,
        denied=denied,
        unsupported=unsupported,
        oldest_complete_at=oldest,
        newest_attempt_at=None,
        now=moment,
        limit=stale_after(connection),
    )
    return AlikeAccounts(parent_id, count, summary.knowledge, oldest)
