"""How much of the organization is known, how well and how freshly."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.db.models import (
    BigIntegerField,
    Case,
    DateTimeField,
    F,
    Field,
    Func,
    JSONField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest

from inventory.models import (
    AccountCoverage,
    CollectedSpan,
    Connection,
    Coverage,
    GroupCoverageSpan,
    InventoryRun,
)
from inventory.runs.history import held_at
from inventory.selectors.connections import stale_after
from inventory.store.coverage_counts import COUNTS, summed_by_account
from inventory.viewing import Viewer, visible

_STATE = Coverage.State
# Runs of chosen accounts between two whole ones that are looked at one by one.
_RUNS_LOOKED_AT: Final = 100


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
    known = known_accounts(viewer, connection=connection, as_of=as_of, account_ids=account_ids)
    limit = stale_after(connection)
    return {
        row["account_id"]: summarize(
            **{name: row[name] for name in COUNTS}, now=as_of or now, limit=limit
        )
        for row in known
    }


def known_accounts(
    viewer: Viewer,
    *,
    connection: Connection,
    as_of: datetime | None = None,
    account_ids: Iterable[str] | None = None,
) -> "QuerySet[Any, dict[str, Any]]":
    """Return `account_id` and `COUNTS` of each account, a dictionary each, now or at a time.

    The organization's own has an empty `account_id`. What was never covered is absent.
    """
    chosen = {} if account_ids is None else {"account_id__in": list(account_ids)}
    if as_of is None:
        now_known = visible(AccountCoverage.objects.filter(connection=connection), viewer)
        rows: QuerySet[Any, dict[str, Any]] = now_known.filter(total__gt=0, **chosen).values(
            "account_id", *COUNTS
        )
        return rows
    spans = visible(GroupCoverageSpan.objects.filter(connection=connection), viewer)
    return summed_by_account(
        spans.filter(held_at(as_of), **chosen),
        attempted_at=_attempted_by(_telling_runs(connection, as_of), as_of),
    )


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
    """Coverage of each account, region and collector, now or at a time, with reading times."""
    rows = visible(Coverage.objects.filter(connection=connection), viewer)
    if as_of is None:
        return with_reading_times(
            rows.filter(held_until__isnull=True),
            attempted_at=F("summary__newest_attempt_at"),
            run_id=F("summary__run_id"),
            measured=_measured(),
        )
    runs = _telling_runs(connection, as_of)
    return with_reading_times(
        rows.filter(held_at(as_of)),
        attempted_at=_attempted_by(runs, as_of),
        run_id=_run_by(runs, connection, as_of),
        measured=Case(
            When(summary__run__started_at__lte=as_of, then=_measured()),
            When(held_from=_last_start(runs), then=F("began_with")),
            default=Value(None, JSONField()),
            output_field=JSONField(null=True),
        ),
    )


def with_reading_times(
    rows: QuerySet[Coverage],
    *,
    attempted_at: Combinable,
    run_id: Combinable,
    measured: Combinable,
) -> QuerySet[Coverage]:
    """Give coverage what a row alone does not tell.

    `collected_at`: when the collector last read. `last_complete_at`: when it was last complete.
    `run_id`: of the run that read it. `measured`: records, calls, throttled, seconds of that
    reading, null where they are not kept: of the newest reading and of those that came out
    otherwise than the one before they are.
    """
    last_complete_at = Case(
        When(state=_STATE.COMPLETE, then=attempted_at), default=F("complete_before_at")
    )
    annotations: dict[str, Any] = {
        "collected_at": attempted_at,
        "last_complete_at": last_complete_at,
        "run_id": run_id,
        "measured": measured,
    }
    return rows.annotate(**annotations)


def _measured() -> Combinable:
    """Return what a row's collector took when its group was read last; {} where nothing."""
    return Coalesce(
        Func(
            F("summary__measures"),
            F("collector"),
            F("region"),
            function="jsonb_extract_path",
            output_field=JSONField(),
        ),
        Value({}, JSONField()),
    )


def _attempted_by(runs: list[InventoryRun], as_of: datetime) -> Combinable:
    """Return when a span's group was last read by a time, of spans that held then.

    To the second where its newest reading is of a run that had started by then. Of older runs only
    their start is known, and of those that failed not whom they came to; what began to hold with
    one was read by it. `runs`: those that tell.
    """
    ended = Greatest(F("held_from"), _last_start(runs))
    return Case(
        When(
            summary__run__started_at__lte=as_of,
            summary__newest_attempt_at__isnull=False,
            then=F("summary__newest_attempt_at"),
        ),
        default=ended,
        output_field=DateTimeField(),
    )


def _last_start(runs: list[InventoryRun]) -> Combinable:
    """Return the start of the last of some runs that read an account, or null."""
    return _by_run(runs, lambda run: run.started_at, DateTimeField())


def _run_by(runs: list[InventoryRun], connection: Connection, as_of: datetime) -> Combinable:
    """Return the run that `_attempted_by` tells of, or that began what held then."""
    last = _by_run(runs, lambda run: run.pk, BigIntegerField())
    began = InventoryRun.objects.filter(
        connection=connection, started_at=OuterRef("held_from")
    ).values("pk")
    return Case(
        When(summary__run__started_at__lte=as_of, then=F("summary__run_id")),
        When(held_from__gte=_last_start(runs), then=Subquery(began[:1])),
        default=Coalesce(last, Subquery(began[:1])),
        output_field=BigIntegerField(),
    )


def _telling_runs(connection: Connection, as_of: datetime) -> list[InventoryRun]:
    """Return the runs that ended well by a time, the newest first, back to the last whole one."""
    found = []
    for run in InventoryRun.objects.filter(
        connection=connection,
        started_at__lte=as_of,
        state__in=[InventoryRun.State.COMPLETE, InventoryRun.State.PARTIAL],
    ).order_by("-started_at")[:_RUNS_LOOKED_AT]:
        found.append(run)
        if run.account_ids is None:
            break
    return found


def _by_run(
    runs: Iterable[InventoryRun], value: Callable[[InventoryRun], Any], field: "Field[Any, Any]"
) -> Combinable:
    chosen, default = [], None
    for run in runs:
        if run.account_ids is None:
            default = value(run)
        else:
            chosen.append(
                When(account_id__in=run.account_ids, then=Value(value(run), output_field=field))
            )
    if not chosen:
        return Value(default, output_field=field)
    return Case(*chosen, default=Value(default, output_field=field), output_field=field)


def runs_that_tell(connection: Connection, as_of: datetime) -> list[int]:
    """Return the runs whose coverage is the newest at a time: the last whole one, and later ones.

    A whole run that has ended without failing told of every account and collector. Before the
    first such run every run tells.
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
