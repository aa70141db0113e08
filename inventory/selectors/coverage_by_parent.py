"""How well the accounts of each root and OU are known, counted without reading each of them."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, OuterRef, Q, Subquery

from inventory.coverage_counts import COUNTS, counted_by_account
from inventory.models import AccountCoverage, Connection
from inventory.selectors.connections import stale_after
from inventory.selectors.coverage import CoverageSummary, latest_coverage, summarize
from inventory.selectors.hierarchy import accounts
from inventory.viewing import Viewer, visible


@dataclass(frozen=True, slots=True)
class AlikeAccounts:
    """Accounts directly in one root or OU whose coverage is judged alike.

    `summary`: of each of them; its `oldest_complete_at` and `newest_attempt_at` are those of the
    oldest and of the newest.
    """

    parent_id: str
    accounts: int
    summary: CoverageSummary


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
    if as_of is None:
        return _now(viewer, connection, now, parent_ids)
    return _past(viewer, connection, as_of, parent_ids)


def _now(
    viewer: Viewer, connection: Connection, now: datetime, parent_ids: Collection[str] | None
) -> list[AlikeAccounts]:
    limit = stale_after(connection)
    placed = accounts(viewer, connection=connection)
    known = visible(AccountCoverage.objects.filter(connection=connection), viewer)
    if parent_ids is not None:
        placed = placed.filter(parent_id__in=parent_ids)
        known = known.filter(account_id__in=placed.values("account_id"))
    groups = (
        known.exclude(account_id="")
        .annotate(
            parent_id=Subquery(
                placed.filter(account_id=OuterRef("account_id")).values("parent_id")[:1]
            ),
            is_fresh=Q(oldest_complete_at__gte=now - limit),
            was_complete=Q(oldest_complete_at__isnull=False),
        )
        .filter(parent_id__isnull=False)
        .values(
            *("parent_id", "is_fresh", "was_complete"),
            *("total", "complete", "denied", "unsupported"),
        )
        .annotate(
            accounts=Count("pk"), oldest=Min("oldest_complete_at"), newest=Max("newest_attempt_at")
        )
        .order_by()
    )
    return [
        AlikeAccounts(
            group["parent_id"],
            group["accounts"],
            summarize(
                total=group["total"],
                complete=group["complete"],
                denied=group["denied"],
                unsupported=group["unsupported"],
                oldest_complete_at=group["oldest"],
                newest_attempt_at=group["newest"],
                now=now,
                limit=limit,
            ),
        )
        for group in groups
    ]


def _past(
    viewer: Viewer, connection: Connection, as_of: datetime, parent_ids: Collection[str] | None
) -> list[AlikeAccounts]:
    placed = accounts(viewer, connection=connection, as_of=as_of)
    covered = latest_coverage(viewer, connection=connection, as_of=as_of)
    if parent_ids is not None:
        placed = placed.filter(parent_id__in=parent_ids)
        covered = covered.filter(account_id__in=placed.values("account_id"))
    parents = dict(placed.values_list("account_id", "parent_id"))
    alike: Counter[tuple[object, ...]] = Counter()
    for account_id, *counts in counted_by_account(covered).values_list("account_id", *COUNTS):
        parent_id = parents.get(account_id)
        if parent_id is not None:
            alike[(parent_id, *counts)] += 1
    limit = stale_after(connection)
    return [
        AlikeAccounts(
            parent_id,
            count,
            summarize(**dict(zip(COUNTS, counts, strict=True)), now=as_of, limit=limit),
        )
        for (parent_id, *counts), count in alike.items()
    ]
