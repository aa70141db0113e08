"""What stands in the way of knowing accounts: their newest coverage that is not complete."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from inventory.models import AccountCoverage, Connection, Coverage
from inventory.selectors.coverage import latest_coverage
from inventory.viewing import Viewer, visible


@dataclass(frozen=True, slots=True)
class CoverageProblems:
    """The newest coverage that is neither complete nor a matter of course, by account.

    `rows`: of the first accounts. `accounts`: how many there are, `shown` of them in `rows`. The
    organization itself, which has no id, counts as one and comes first.
    """

    rows: list[Coverage]
    accounts: int
    shown: int


def coverage_problems(viewer: Viewer, *, connection: Connection, accounts: int) -> CoverageProblems:
    """Return what went wrong last in the first `accounts` accounts with a problem, in 3 queries."""
    troubled = (
        visible(AccountCoverage.objects.filter(connection=connection), viewer)
        .filter(complete__lt=F("total") - F("unsupported"))
        .order_by("account_id")
        .values_list("account_id", flat=True)
    )
    first = list(troubled[:accounts])
    rows = coverage_problems_of(viewer, connection=connection, account_ids=first)
    return CoverageProblems(list(rows), troubled.count(), len(first))


def coverage_problems_of(
    viewer: Viewer,
    *,
    connection: Connection,
    account_ids: Collection[str],
    as_of: datetime | None = None,
) -> "QuerySet[Coverage]":
    """Return what went wrong last in some accounts, by account, collector and region."""
    return (
        latest_coverage(viewer, connection=connection, as_of=as_of)
        .filter(account_id__in=account_ids)
        .exclude(state__in=[Coverage.State.COMPLETE, Coverage.State.UNSUPPORTED])
        .order_by("account_id", "collector", "region")
    )
