"""How much of the organization is known, how well and how freshly."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet, Subquery

from inventory.models import (
    Account,
    AccountCoverage,
    CollectedSpan,
    Connection,
    Coverage,
    InventoryRun,
    RunAccount,
)
from inventory.selectors.connections import stale_after
from inventory.store.coverage_counts import COUNTS, counted_by_account
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
    fresh it was then, in at most four queries.
    """
    wanted = None if account_ids is None else set(account_ids)
    found: list[dict[str, Any]] = []
    if as_of is None:
        now_known = visible(AccountCoverage.objects.filter(connection=connection), viewer)
        rows = now_known if wanted is None else now_known.filter(account_id__in=wanted)
        found += rows.values("account_id", *COUNTS)
    else:
        runs = runs_that_tell(connection, as_of)
        if wanted is None or "" in wanted:
            found += _organization_then(viewer, runs)
        if wanted is None or wanted - {""}:
            parts = parts_then(viewer, runs, wanted)
            found += parts.values("account_id", *COUNTS)
    limit = stale_after(connection)
    moment = as_of or now
    return {
        row["account_id"]: summarize(
            **{name: row[name] for name in COUNTS}, now=moment, limit=limit
        )
        for row in found
    }


def _organization_then(viewer: Viewer, runs: list[int]) -> "QuerySet[Coverage, dict[str, Any]]":
    """Count the organization's own coverage, of the newest of some runs that has any."""
    own = visible(Coverage.objects.filter(run__in=runs, account_id=""), viewer)
    newest = own.order_by("-run__started_at", "-run_id").values("run_id")[:1]
    return counted_by_account(own.filter(run_id=Subquery(newest)))


def parts_then(
    viewer: Viewer, runs: list[int], account_ids: Iterable[str] | None = None
) -> "QuerySet[RunAccount]":
    """Return for each account its part in the newest of some runs that covered it."""
    parts = visible(RunAccount.objects.filter(run__in=runs, total__gt=0), viewer)
    if account_ids is not None:
        parts = parts.filter(account_id__in=list(account_ids))
    if len(runs) == 1:
        return parts
    newest = parts.order_by("account_id", "-run__started_at", "-run_id").distinct("account_id")
    return RunAccount.objects.filter(pk__in=newest.values("pk"))


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
    runs = runs_that_tell(connection, as_of)
    if len(runs) == 1:
        return rows.filter(run__in=runs)
    newest = (
        rows.filter(run__in=runs)
        .order_by("account_id", "region", "collector", "-run__started_at", "-run_id")
        .distinct("account_id", "region", "collector")
        .values("pk")
    )
    return rows.filter(pk__in=newest)


def runs_that_tell(connection: Connection, as_of: datetime) -> list[int]:
    """Return the runs whose coverage is the newest at a time: the last whole one, and later ones.

    A whole run that has ended without failing left a row of every account and collector. Before
    the first such run every run tells.
    """
    started = InventoryRun.objects.filter(connection=connection, started_at__lte=as_of)
    whole = started.filter(
        account_ids__isnull=True,
        state__in=[InventoryRun.State.COMPLETE, InventoryRun.State.PARTIAL],
    )
    last = whole.order_by("-started_at").values_list("started_at", flat=True).first()
    if last is not None:
        started = started.filter(started_at__gte=last)
    return list(started.values_list("pk", flat=True))


def detail_aged_out_at(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None
) -> datetime | None:
    """Return when the coverage by collector of accounts at a time was aged out; None: it is kept.

    What is the newest is never aged out, so there is always all of it now (`as_of` None).
    """
    if as_of is None:
        return None
    runs = visible(InventoryRun.objects.filter(pk__in=runs_that_tell(connection, as_of)), viewer)
    found: datetime | None = runs.aggregate(at=Max("detail_aged_out_at"))["at"]
    return found


def collectors_ever_complete(
    viewer: Viewer, *, connection: Connection, account_id: str = "", as_of: datetime | None = None
) -> frozenset[str]:
    """Return the collectors that have been complete in an account, or in the organization itself.

    What another collector would have read is unknown, not empty.
    """
    return frozenset(
        collected(viewer, connection=connection, as_of=as_of)
        .filter(account_id=account_id)
        .values_list("collector", flat=True)
    )


def collected(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> QuerySet[CollectedSpan]:
    """The accounts and collectors of which it is known, now or at a time, what they read."""
    spans = visible(CollectedSpan.objects.filter(connection=connection), viewer)
    if as_of is None:
        return spans.filter(known_until__isnull=True)
    return spans.filter(
        Q(known_until__isnull=True) | Q(known_until__gt=as_of), known_from__lte=as_of
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
    accounts = visible(Account.objects.as_of(as_of), viewer).filter(connection=connection)
    moment = as_of or now
    limit = stale_after(connection)
    own = NOTHING_KNOWN
    known: QuerySet[Any]
    if as_of is None:
        known = visible(AccountCoverage.objects.filter(connection=connection), viewer)
    else:
        own = account_coverage(viewer, connection=connection, account_id="", now=now, as_of=as_of)
        known = parts_then(viewer, runs_that_tell(connection, as_of))
    by_knowledge: dict[Knowledge, int] = {}
    oldest: datetime | None = None
    here = known.filter(Q(account_id="") | Q(account_id__in=accounts.values("account_id")))
    for summary, number, is_organization in _alike(here, now=moment, limit=limit):
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
    known: "QuerySet[Any]", *, now: datetime, limit: timedelta
) -> Iterator[tuple[CoverageSummary, int, bool]]:
    """Judge all accounts with equal counts at once: every page tells how fresh all is.

    Yields what is known of each, how many they are, and whether it is the organization itself.
    """
    groups = (
        known.annotate(
            is_organization=Q(account_id=""),
            is_fresh=Q(oldest_complete_at__gte=now - limit),
            was_complete=Q(oldest_complete_at__isnull=False),
        )
        .values(
            *("is_organization", "is_fresh", "was_complete"),
            *("total", "complete", "denied", "unsupported"),
        )
        .annotate(
            accounts=Count("pk"),
            oldest=Min("oldest_complete_at"),
            newest=Max("newest_attempt_at"),
        )
        .order_by()
    )
    for group in groups:
        yield (
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
            group["accounts"],
            group["is_organization"],
        )


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)


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
    rows = (
        latest_coverage(viewer, connection=connection)
        .filter(account_id__in=first)
        .exclude(state__in=[_STATE.COMPLETE, _STATE.UNSUPPORTED])
        .order_by("account_id", "collector", "region")
    )
    return CoverageProblems(list(rows), troubled.count(), len(first))
