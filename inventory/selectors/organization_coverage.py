"""How many accounts of an organization are known how well."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection as database
from django.db.models import QuerySet

from inventory.models import Account, Connection
from inventory.selectors.connections import stale_after
from inventory.selectors.coverage import (
    NOTHING_KNOWN,
    CoverageSummary,
    Knowledge,
    known_accounts,
    summarize,
)
from inventory.viewing import Viewer, visible


@dataclass(frozen=True, slots=True)
class OrganizationCoverage:
    """How many accounts are known how well. `accounts`: those in the organization."""

    accounts: int
    by_knowledge: dict[Knowledge, int]
    organization: CoverageSummary
    oldest_complete_at: datetime | None

    @property
    def collected(self) -> int:
        """Accounts whose every collector is complete and fresh."""
        return self.by_knowledge.get(Knowledge.COLLECTED, 0)

    @property
    def skipped(self) -> int:
        """Accounts that cannot be read because they are suspended or closed."""
        return self.by_knowledge.get(Knowledge.SKIPPED, 0)

    @property
    def readable(self) -> int:
        """Accounts that can be read."""
        return self.accounts - self.skipped


def organization_coverage(
    viewer: Viewer, *, connection: Connection, now: datetime, as_of: datetime | None = None
) -> OrganizationCoverage:
    """Summarize the coverage of all accounts that are, or were then, in the organization."""
    accounts = visible(Account.objects.as_of(as_of), viewer).filter(connection=connection)
    moment = as_of or now
    limit = stale_after(connection)
    own = NOTHING_KNOWN
    by_knowledge: dict[Knowledge, int] = {}
    oldest: datetime | None = None
    known = known_accounts(viewer, connection=connection, as_of=as_of)
    for summary, number, is_organization in _alike(known, accounts, now=moment, limit=limit):
        if is_organization:
            own = summary
            continue
        by_knowledge[summary.knowledge] = by_knowledge.get(summary.knowledge, 0) + number
        oldest = _earlier(oldest, summary.oldest_complete_at)
    count = accounts.count()
    unknown = count - sum(by_knowledge.values())
    if unknown > 0:
        by_knowledge[Knowledge.UNKNOWN] = by_knowledge.get(Knowledge.UNKNOWN, 0) + unknown
    return OrganizationCoverage(count, by_knowledge, own, oldest)


def _alike(
    known: "QuerySet[Any, dict[str, Any]]",
    accounts: "QuerySet[Any]",
    *,
    now: datetime,
    limit: timedelta,
) -> Iterator[tuple[CoverageSummary, int, bool]]:
    """Judge all accounts with equal counts at once: every page tells how fresh all is.

    Yields what is known of each, how many they are, and whether it is the organization itself. As
    SQL: Django cannot group what is grouped already.
    """
    try:
        coverage, coverage_values = known.query.sql_with_params()
        here, here_values = accounts.order_by().values("account_id").query.sql_with_params()
    except EmptyResultSet:  # the viewer may not see it
        return
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT account_id = '', total, complete, denied, unsupported, "  # noqa: S608
            "MIN(oldest_complete_at), MAX(newest_attempt_at), COUNT(*) "
            f"FROM ({coverage}) AS known WHERE account_id = '' OR account_id IN ({here}) "
            "GROUP BY account_id = '', total, complete, denied, unsupported, "
            "oldest_complete_at >= %s, oldest_complete_at IS NOT NULL",
            (*coverage_values, *here_values, now - limit),
        )
        found = cursor.fetchall()
    for is_organization, total, complete, denied, unsupported, oldest, newest, number in found:
        yield (
            summarize(
                total=total,
                complete=complete,
                denied=denied,
                unsupported=unsupported,
                oldest_complete_at=oldest,
                newest_attempt_at=newest,
                now=now,
                limit=limit,
            ),
            number,
            is_organization,
        )


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)
