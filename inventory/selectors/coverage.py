"""How much of the organization is known, how well and how freshly."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, Max, Min, Q, QuerySet

from inventory.models import Account, Connection, Coverage
from inventory.selectors.connections import stale_after
from inventory.viewing import Viewer, visible

_STATE = Coverage.State


class Knowledge(StrEnum):
    """What may be said of an account or an organization from its newest coverage, worst first.

    UNKNOWN: never collected. DENIED: every collector that is not complete was refused, and at
    least one was. FAILED: none is complete, for other reasons. PARTIAL: some collectors are not
    complete. STALE: all complete, the oldest too long ago. COLLECTED: all complete and fresh.
    SKIPPED: the account cannot be read at all, because it is suspended or closed.
    """

    UNKNOWN = "unknown"
    DENIED = "denied"
    FAILED = "failed"
    PARTIAL = "partial"
    STALE = "stale"
    COLLECTED = "collected"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CoverageSummary:
    """Counts of collectors by how their newest attempt ended, and the age of the oldest.

    `oldest_complete_at`: the oldest last complete reading among the collectors; None if one of
    them was never complete.
    """

    total: int
    complete: int
    denied: int
    unsupported: int
    oldest_complete_at: datetime | None
    newest_attempt_at: datetime | None
    knowledge: Knowledge


NOTHING_KNOWN = CoverageSummary(0, 0, 0, 0, None, None, Knowledge.UNKNOWN)


def summarize(
    *,
    total: int,
    complete: int,
    denied: int,
    unsupported: int,
    oldest_complete_at: datetime | None,
    newest_attempt_at: datetime | None,
    now: datetime,
    limit: timedelta,
) -> CoverageSummary:
    """Judge the counts of one account's or organization's newest coverage."""
    if total == 0:
        return NOTHING_KNOWN
    readable = total - unsupported
    if readable == 0:
        knowledge = Knowledge.SKIPPED
    elif complete == 0 and denied == readable:
        knowledge = Knowledge.DENIED
    elif complete == 0:
        knowledge = Knowledge.FAILED
    elif complete < readable:
        knowledge = Knowledge.PARTIAL
    elif oldest_complete_at is None or now - oldest_complete_at > limit:
        knowledge = Knowledge.STALE
    else:
        knowledge = Knowledge.COLLECTED
    return CoverageSummary(
        total, complete, denied, unsupported, oldest_complete_at, newest_attempt_at, knowledge
    )


def coverage_by_account(
    viewer: Viewer,
    *,
    connection: Connection,
    now: datetime,
    account_ids: Iterable[str] | None = None,
    as_of: datetime | None = None,
) -> dict[str, CoverageSummary]:
    """Summarize the newest coverage by account, in one query; never collected ones are absent.

    The organization's own coverage has the key "". With `as_of`, what was known then, and how
    fresh it was then.
    """
    rows = latest_coverage(viewer, connection=connection, as_of=as_of)
    if account_ids is not None:
        rows = rows.filter(account_id__in=list(account_ids))
    limit = stale_after(connection)
    counted = rows.values("account_id").annotate(
        total=Count("pk"),
        complete=Count("pk", filter=Q(state=_STATE.COMPLETE)),
        denied=Count("pk", filter=Q(state=_STATE.DENIED)),
        unsupported=Count("pk", filter=Q(state=_STATE.UNSUPPORTED)),
        never=Count("pk", filter=Q(last_complete_at__isnull=True) & ~Q(state=_STATE.UNSUPPORTED)),
        oldest=Min("last_complete_at"),
        newest=Max("collected_at"),
    )
    return {
        row["account_id"]: summarize(
            total=row["total"],
            complete=row["complete"],
            denied=row["denied"],
            unsupported=row["unsupported"],
            oldest_complete_at=None if row["never"] else row["oldest"],
            newest_attempt_at=row["newest"],
            now=as_of or now,
            limit=limit,
        )
        for row in counted
    }


def account_coverage(
    viewer: Viewer,
    *,
    connection: Connection,
    account_id: str,
    now: datetime,
    as_of: datetime | None = None,
) -> CoverageSummary:
    """Summarize one account; `Knowledge.UNKNOWN` where it was never collected.

    An empty `account_id` is the organization itself.
    """
    found = coverage_by_account(
        viewer, connection=connection, now=now, account_ids=[account_id], as_of=as_of
    )
    return found.get(account_id, NOTHING_KNOWN)


def latest_coverage(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> QuerySet[Coverage]:
    """The newest row of each account, region and collector, now or in runs started by `as_of`."""
    rows = visible(Coverage.objects.filter(connection=connection), viewer)
    if as_of is None:
        return rows.filter(is_latest=True)
    newest = (
        rows.filter(run__started_at__lte=as_of)
        .order_by("account_id", "region", "collector", "-run__started_at", "-run_id")
        .distinct("account_id", "region", "collector")
        .values("pk")
    )
    return rows.filter(pk__in=newest)


def collectors_ever_complete(
    viewer: Viewer, *, connection: Connection, account_id: str = "", as_of: datetime | None = None
) -> frozenset[str]:
    """Return the collectors that have been complete in an account, or in the organization itself.

    What another collector would have read is unknown, not empty.
    """
    return frozenset(
        latest_coverage(viewer, connection=connection, as_of=as_of)
        .filter(account_id=account_id, last_complete_at__isnull=False)
        .values_list("collector", flat=True)
    )


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


def organization_coverage(
    viewer: Viewer, *, connection: Connection, now: datetime, as_of: datetime | None = None
) -> OrganizationCoverage:
    """Summarize the coverage of all accounts that are, or were then, in the organization."""
    account_ids = list(
        visible(Account.objects.as_of(as_of), viewer)
        .filter(connection=connection)
        .values_list("account_id", flat=True)
    )
    summaries = coverage_by_account(viewer, connection=connection, now=now, as_of=as_of)
    by_knowledge: dict[Knowledge, int] = {}
    oldest: datetime | None = None
    for account_id in account_ids:
        summary = summaries.get(account_id, NOTHING_KNOWN)
        by_knowledge[summary.knowledge] = by_knowledge.get(summary.knowledge, 0) + 1
        complete_at = summary.oldest_complete_at
        if complete_at is not None and (oldest is None or complete_at < oldest):
            oldest = complete_at
    return OrganizationCoverage(
        accounts=len(account_ids),
        by_knowledge=by_knowledge,
        organization=summaries.get("", NOTHING_KNOWN),
        oldest_complete_at=oldest,
    )


def coverage_problems(viewer: Viewer, *, connection: Connection) -> QuerySet[Coverage]:
    """The newest coverage that is neither complete nor a matter of course, worst known first."""
    return (
        latest_coverage(viewer, connection=connection)
        .exclude(state__in=[_STATE.COMPLETE, _STATE.UNSUPPORTED])
        .order_by("account_id", "collector", "region")
    )
