"""How well the accounts of each root and OU are known, counted without reading each of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery

from inventory.models import AccountCoverage, Connection
from inventory.selectors.connections import stale_after
from inventory.selectors.coverage import Knowledge, parts_then, runs_that_tell, summarize
from inventory.selectors.hierarchy import accounts
from inventory.viewing import Viewer, visible


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
    limit = stale_after(connection)
    placed = accounts(viewer, connection=connection, as_of=as_of)
    known: QuerySet[Any]
    if as_of is None:
        known = visible(AccountCoverage.objects.filter(connection=connection), viewer)
    else:
        known = parts_then(viewer, runs_that_tell(connection, as_of))
    if parent_ids is not None:
        placed = placed.filter(parent_id__in=parent_ids)
        known = known.filter(account_id__in=placed.values("account_id"))
    parent = placed.filter(account_id=OuterRef("account_id")).values("parent_id")[:1]
    groups = (
        known.exclude(account_id="")
        .annotate(
            parent_id=Subquery(parent),
            is_fresh=Q(oldest_complete_at__gte=moment - limit),
            was_complete=Q(oldest_complete_at__isnull=False),
        )
        .values(*("parent_id", "is_fresh", "was_complete"), *_JUDGED)
        .annotate(accounts=Count("pk"), oldest=Min("oldest_complete_at"))
        .order_by()
        .values_list("parent_id", *_JUDGED, "oldest", "accounts")
    )
    return [
        _alike(connection, moment, parent_id, counts, oldest, count)
        for parent_id, *counts, oldest, count in groups
        if parent_id is not None
    ]


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
