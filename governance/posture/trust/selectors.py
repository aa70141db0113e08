"""Reads of who may get in from where, and of what is wrong with it, each with a viewer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery

from governance.posture.state.organization import IAM_COLLECTOR
from governance.posture.trust.models import TrustEdge, TrustFinding, TrustReading
from inventory.models import Account, Connection, InventoryRun
from inventory.selectors.accounts import account_parents
from inventory.selectors.hierarchy import accounts
from inventory.selectors.state_marks import accounts_ever_complete
from inventory.viewing import Viewer, visible

_OUTSIDE: Final = (TrustEdge.Crossing.EXTERNAL, TrustEdge.Crossing.VENDOR)
_STATES: Final = TrustEdge.EdgeState


def trust_edges(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> "QuerySet[TrustEdge]":
    """Every edge at that time that begins or ends in an account that the viewer may see.

    Each with `account_name` and `principal_account_name`, null where it is none of the
    organization's. Order them by `crossing_rank`, `resource_name`, `key`: the worst first.
    """
    rows: QuerySet[Any] = visible(TrustEdge.objects.as_of(as_of), viewer)
    found: QuerySet[TrustEdge] = rows.filter(connection=connection).annotate(
        account_name=_name_of(connection, "account_id", as_of),
        principal_account_name=_name_of(connection, "principal_account_id", as_of),
    )
    return found


def _name_of(connection: Connection, column: str, as_of: datetime | None) -> Subquery:
    named = Account.objects.as_of(as_of).filter(connection=connection, account_id=OuterRef(column))
    return Subquery(named.values("name")[:1])


def edge_of(
    viewer: Viewer, *, connection: Connection, key: str, as_of: datetime | None = None
) -> TrustEdge | None:
    """Return an edge by its key, with its policy's text in `content`."""
    rows = trust_edges(viewer, connection=connection, as_of=as_of)
    return rows.filter(key=key).select_related("content").first()


def edge_history(viewer: Viewer, *, connection: Connection, key: str) -> "QuerySet[TrustEdge]":
    """Return every version of one edge, the newest first."""
    rows: QuerySet[TrustEdge] = visible(TrustEdge.objects.all(), viewer)
    return rows.filter(connection=connection, key=key).order_by("-seen_from")


def edges_into(
    viewer: Viewer,
    *,
    connection: Connection,
    target_id: str = "",
    resource_arn: str = "",
    as_of: datetime | None = None,
) -> "QuerySet[TrustEdge]":
    """Return what lets into an account, what is below an OU or root, or one role or resource."""
    rows = trust_edges(viewer, connection=connection, as_of=as_of)
    if resource_arn:
        rows = rows.filter(resource_arn=resource_arn)
    return edges_at(rows, viewer, connection, target_id, as_of) if target_id else rows


def edges_out_of(
    viewer: Viewer,
    *,
    connection: Connection,
    target_id: str = "",
    principal_id: str = "",
    as_of: datetime | None = None,
) -> "QuerySet[TrustEdge]":
    """Return what lets in an account, what is below an OU or root, or one principal by name."""
    rows = trust_edges(viewer, connection=connection, as_of=as_of)
    if principal_id:
        rows = rows.filter(principal_id=principal_id)
    if not target_id:
        return rows
    return edges_at(rows, viewer, connection, target_id, as_of, column="principal_account_id")


def edges_at(
    rows: "QuerySet[Any]",
    viewer: Viewer,
    connection: Connection,
    target_id: str,
    as_of: datetime | None,
    *,
    column: str = "account_id",
) -> "QuerySet[Any]":
    """Keep the edges of an account, or of all accounts below an OU or root.

    `column`: `account_id` for where they lead to, `principal_account_id` for where they come from.
    """
    if target_id.isdecimal():
        return rows.filter(**{column: target_id})
    below = accounts(viewer, connection=connection, as_of=as_of).filter(
        Q(path__startswith=f"{target_id}/") | Q(path__contains=f"/{target_id}/")
    )
    return rows.filter(**{f"{column}__in": below.values("account_id")})


@dataclass(frozen=True, slots=True)
class CrossingCount:
    """How many edges cross a boundary, by what becomes of them."""

    crossing: str
    edges: int
    open: int
    guarded: int
    blocked: int
    undecided: int


def crossing_counts(rows: "QuerySet[Any]") -> tuple[CrossingCount, ...]:
    """Count edges by what they cross, the worst crossing first; crossings without one are absent.

    `rows`: what a selector of this module returned, filtered or not.
    """
    found = (
        rows.order_by()
        .values("crossing", "crossing_rank")
        .annotate(
            edges=Count("pk"),
            **{f"{state}_edges": Count("pk", filter=Q(state=state)) for state in _STATES.values},
        )
        .order_by("crossing_rank")
    )
    return tuple(
        CrossingCount(
            row["crossing"],
            row["edges"],
            row["open_edges"],
            row["guarded_edges"],
            row["blocked_edges"],
            row["undecided_edges"],
        )
        for row in found
    )


@dataclass(frozen=True, slots=True)
class EdgesInto:
    """How many edges lead into a resource. `from_outside`: of those that are not blocked."""

    edges: int
    open: int
    blocked: int
    from_outside: int


NO_EDGES: Final = EdgesInto(0, 0, 0, 0)


def edges_by_resource(
    viewer: Viewer,
    *,
    connection: Connection,
    resource_arns: Sequence[str],
    as_of: datetime | None = None,
) -> dict[str, EdgesInto]:
    """Count the edges into each of some resources, by ARN, in one query; absent: none."""
    blocked = Q(state=_STATES.BLOCKED)
    outside = Q(crossing__in=(TrustEdge.Crossing.PUBLIC, *_OUTSIDE))
    rows = (
        trust_edges(viewer, connection=connection, as_of=as_of)
        .filter(resource_arn__in=list(resource_arns))
        .order_by()
        .values("resource_arn")
        .annotate(
            edges=Count("pk"),
            opened=Count("pk", filter=Q(state=_STATES.OPEN)),
            kept_out=Count("pk", filter=blocked),
            from_outside=Count("pk", filter=outside & ~blocked),
        )
    )
    return {
        row["resource_arn"]: EdgesInto(
            row["edges"], row["opened"], row["kept_out"], row["from_outside"]
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class EdgesSince:
    """What began and what ended from a time on; an edge that changed is in neither.

    Both are edges: `vanished` by their last version.
    """

    appeared: "QuerySet[TrustEdge]"
    vanished: "QuerySet[TrustEdge]"
    changed: "QuerySet[TrustEdge]"


def edges_since(
    viewer: Viewer, *, connection: Connection, moment: datetime, until: datetime | None = None
) -> EdgesSince:
    """Return what differs between the state just before `moment` and that at `until`.

    `moment`: such as the start of the last run, whose rows begin and end then. `until`: None, now.
    """
    rows: QuerySet[Any] = visible(TrustEdge.objects.all(), viewer)
    rows = rows.filter(connection=connection)
    same = TrustEdge.objects.filter(connection=connection, key=OuterRef("key"))
    held_before = same.filter(
        Q(seen_until__isnull=True) | Q(seen_until__gte=moment), seen_from__lt=moment
    )
    now = trust_edges(viewer, connection=connection, as_of=until)
    began = now.filter(seen_from__gte=moment)
    holds = same.as_of(until)
    ended = rows.filter(seen_from__lt=moment, seen_until__gte=moment).annotate(
        account_name=_name_of(connection, "account_id", until),
        principal_account_name=_name_of(connection, "principal_account_id", until),
    )
    if until is not None:
        ended = ended.filter(seen_until__lte=until)
    return EdgesSince(
        appeared=began.filter(~Exists(held_before)),
        vanished=ended.filter(~Exists(holds)),
        changed=began.filter(Exists(held_before)),
    )


def trust_findings(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> "QuerySet[TrustFinding]":
    """Every trust finding at that time in accounts that the viewer may see, with `account_name`."""
    rows: QuerySet[Any] = visible(TrustFinding.objects.as_of(as_of), viewer)
    found: QuerySet[TrustFinding] = rows.filter(connection=connection).annotate(
        account_name=_name_of(connection, "account_id", as_of)
    )
    return found


def findings_of_edges(
    viewer: Viewer,
    *,
    connection: Connection,
    keys: Sequence[str],
    as_of: datetime | None = None,
) -> dict[str, list[TrustFinding]]:
    """Return the findings about each of some edges, by the edge's key, in one query."""
    found: dict[str, list[TrustFinding]] = {}
    rows = trust_findings(viewer, connection=connection, as_of=as_of)
    for row in rows.filter(edge_key__in=list(keys)).order_by("code", "key"):
        found.setdefault(row.edge_key, []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class ExternalAccount:
    """An account outside the organization that something lets in.

    `vendor`: whose it is, empty: unknown. `edges`: ways in that are not blocked; `open`: without a
    guard that holds. `account_ids`: where they lead. `since`: since when the oldest is there.
    """

    account_id: str
    vendor: str
    edges: int
    open: int
    blocked: int
    resources: int
    account_ids: tuple[str, ...]
    since: datetime


def external_accounts(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> tuple[ExternalAccount, ...]:
    """Return every account outside that something lets in, by vendor and account id."""
    rows = trust_edges(viewer, connection=connection, as_of=as_of)
    passing = ~Q(state=_STATES.BLOCKED)
    found = (
        rows.filter(crossing__in=_OUTSIDE)
        .exclude(principal_account_id="")
        .order_by()
        .values("principal_account_id")
        .annotate(
            name=Max("vendor"),
            passing=Count("pk", filter=passing),
            opened=Count("pk", filter=Q(state=_STATES.OPEN)),
            kept_out=Count("pk", filter=~passing),
            targets=Count("resource_arn", distinct=True),
            reached=ArrayAgg("account_id", distinct=True, order_by="account_id"),
            since=Min("seen_from"),
        )
        .order_by("name", "principal_account_id")
    )
    return tuple(
        ExternalAccount(
            account_id=row["principal_account_id"],
            vendor=row["name"],
            edges=row["passing"],
            open=row["opened"],
            blocked=row["kept_out"],
            resources=row["targets"],
            account_ids=tuple(row["reached"]),
            since=row["since"],
        )
        for row in found
    )


def last_reading(connection: Connection) -> TrustReading | None:
    """Return up to where trust is worked out: the newest account's reading; None: nowhere yet."""
    return TrustReading.objects.filter(connection=connection).order_by("-read_at").first()


def was_worked_out(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> bool:
    """Whether the trust of any account was worked out by then: else nothing is known, not none."""
    rows = TrustReading.objects.filter(connection=connection)
    if as_of is not None:
        edges = TrustEdge.objects.as_of(as_of).filter(connection=connection)
        return edges.exists() or rows.filter(run_started_at__lte=as_of).exists()
    return viewer.sees_inventory and rows.exists()


def unknown_accounts(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> frozenset[str]:
    """Return the accounts with roles that were never read completely, or unevaluated trust."""
    seen = set(account_parents(viewer, connection=connection, as_of=as_of))
    known = accounts_ever_complete(
        viewer, connection=connection, collector=IAM_COLLECTOR, as_of=as_of
    )
    failed = TrustReading.objects.filter(connection=connection).exclude(problem="")
    return frozenset((seen - known) | (seen & set(failed.values_list("account_id", flat=True))))


def last_run_moment(connection: Connection) -> datetime | None:
    """Return the start of the last run that ended and stored something, for `edges_since`."""
    ended = InventoryRun.objects.filter(connection=connection, started_at__isnull=False).exclude(
        state__in=InventoryRun.ACTIVE_STATES
    )
    return ended.order_by("-started_at").values_list("started_at", flat=True).first()
