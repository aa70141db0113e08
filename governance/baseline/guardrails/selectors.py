"""Reads of results: lists, one guardrail, one account, history, counts and trends."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from governance.baseline.guardrails.definitions import (
    GuardrailInForce,
    guardrail_in_force,
    guardrails_in_force,
)
from governance.baseline.guardrails.documents import GuardrailSeverity
from governance.baseline.guardrails.excepting import excepted_accounts
from governance.baseline.guardrails.models import (
    GuardrailReading,
    GuardrailResult,
    GuardrailTally,
)
from governance.baseline.guardrails.proofs import filled_proof
from inventory.models import Account, Connection
from inventory.viewing import Viewer, sees_whole, targets_seen, visible

_Outcome = GuardrailResult.ResultOutcome
WORST_FIRST: Final = ("fails", "undecided", "not_covered", "excepted", "holds")
"""What may be said of a guardrail in one place, the worst first."""


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """How many accounts are how. `excepted`: it does not hold, and an exception covers that."""

    fails: int = 0
    undecided: int = 0
    not_covered: int = 0
    excepted: int = 0
    holds: int = 0

    def __add__(self, other: "OutcomeCounts") -> "OutcomeCounts":
        """Return both together. Written out: a matrix adds some ten thousand of them."""
        return OutcomeCounts(
            self.fails + other.fails,
            self.undecided + other.undecided,
            self.not_covered + other.not_covered,
            self.excepted + other.excepted,
            self.holds + other.holds,
        )

    @property
    def accounts(self) -> int:
        """How many accounts there are in all."""
        return self.fails + self.undecided + self.not_covered + self.excepted + self.holds

    @property
    def is_known(self) -> bool:
        """Whether something was decided in an account at least."""
        return self.accounts > self.not_covered

    @property
    def worst(self) -> str:
        """The worst that there is, of `WORST_FIRST`; empty: no account is in scope."""
        return next((name for name in WORST_FIRST if getattr(self, name)), "")


NO_ACCOUNTS: Final = OutcomeCounts()


@dataclass(frozen=True, slots=True)
class GuardrailOverview:
    """A guardrail with what was found of it. `read_at`: when it was worked out last; None: never.

    `problem`: why it could not be evaluated; empty: it was.
    """

    guardrail: GuardrailInForce
    counts: OutcomeCounts
    read_at: datetime | None
    problem: str


def guardrail_overviews(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> tuple[GuardrailOverview, ...]:
    """Return every guardrail of an organization with its counts, the worst first."""
    counts = counts_by_guardrail(viewer, connection=connection, as_of=as_of)
    readings = {
        one.guardrail_id: one for one in GuardrailReading.objects.filter(connection=connection)
    }
    found = [
        _overview(one, counts, readings.get(one.id))
        for one in guardrails_in_force(connection, as_of=as_of).values()
    ]
    return tuple(sorted(found, key=_worst_first))


def _overview(
    guardrail: GuardrailInForce,
    counts: Mapping[str, OutcomeCounts],
    reading: GuardrailReading | None,
) -> GuardrailOverview:
    return GuardrailOverview(
        guardrail,
        counts.get(guardrail.id, NO_ACCOUNTS) if guardrail.enabled else NO_ACCOUNTS,
        reading.read_at if reading else None,
        reading.problem if reading else "",
    )


SEVERITY_ORDER: Final = {one.value: place for place, one in enumerate(GuardrailSeverity)}


def _worst_first(one: GuardrailOverview) -> tuple[bool, int, int, int, str]:
    worst = one.counts.worst
    document = one.guardrail.document
    return (
        not one.guardrail.enabled,
        WORST_FIRST.index(worst) if worst else len(WORST_FIRST),
        SEVERITY_ORDER[document.severity],
        -one.counts.fails,
        one.guardrail.id,
    )


def guardrail_overview(
    viewer: Viewer, *, connection: Connection, guardrail_id: str
) -> GuardrailOverview | None:
    """Return one guardrail with its counts; None: there is none of that id."""
    guardrail = guardrail_in_force(connection, guardrail_id)
    if guardrail is None:
        return None
    counts = counts_by_guardrail(viewer, connection=connection, guardrail_id=guardrail_id)
    readings = GuardrailReading.objects.filter(connection=connection, guardrail_id=guardrail_id)
    return _overview(guardrail, counts, readings.first())


def guardrail_results(
    viewer: Viewer,
    *,
    connection: Connection,
    guardrail_id: str = "",
    account_id: str = "",
    outcomes: Collection[str] = (),
    under: str = "",
    words: str = "",
    as_of: datetime | None = None,
) -> "QuerySet[GuardrailResult]":
    """Return the results that a viewer may see, each with `account_name` and its proof.

    `under`: the id of an OU or the root that the accounts lie in. `words`: in an account's name or
    id. Of guardrails that are disabled there are none.
    """
    rows: QuerySet[Any] = visible(GuardrailResult.objects.as_of(as_of), viewer).filter(
        connection=connection
    )
    if guardrail_id:
        rows = rows.filter(guardrail_id=guardrail_id)
    if account_id:
        rows = rows.filter(account_id=account_id)
    if outcomes:
        rows = rows.filter(outcome__in=list(outcomes))
    named = Account.objects.as_of(as_of).filter(connection=connection)
    if under:
        below = named.filter(Q(path__startswith=f"{under}/") | Q(path__contains=f"/{under}/"))
        rows = rows.filter(account_id__in=below.values("account_id"))
    if words:
        called = named.filter(Q(name__icontains=words) | Q(account_id__startswith=words))
        rows = rows.filter(account_id__in=called.values("account_id"))
    name = named.filter(account_id=OuterRef("account_id")).values("name")[:1]
    found: QuerySet[GuardrailResult] = rows.select_related("proof").annotate(
        account_name=Subquery(name)
    )
    return found


def guardrail_result(
    viewer: Viewer,
    *,
    connection: Connection,
    guardrail_id: str,
    account_id: str,
    as_of: datetime | None = None,
) -> GuardrailResult | None:
    """Return one result; None: the account is not in scope, or was never worked out."""
    return guardrail_results(
        viewer,
        connection=connection,
        guardrail_id=guardrail_id,
        account_id=account_id,
        as_of=as_of,
    ).first()


def result_history(
    viewer: Viewer, *, connection: Connection, guardrail_id: str, account_id: str
) -> "QuerySet[GuardrailResult]":
    """Return every version of one result, the newest first."""
    rows: QuerySet[GuardrailResult] = visible(GuardrailResult.objects.all(), viewer)
    return (
        rows.filter(connection=connection, guardrail_id=guardrail_id, account_id=account_id)
        .select_related("proof")
        .order_by("-seen_from")
    )


def proof_of(result: GuardrailResult) -> Mapping[str, Any]:
    """Return what a result rests on: `because`, `counterexample`, `keys`, `read`."""
    return filled_proof(result.proof.content, result.account_id)


def excepted_by(connection: Connection, results: Iterable[GuardrailResult]) -> dict[int, int]:
    """Return the number of the exception that covers each result that does not hold, by its key."""
    covered = excepted_accounts(connection)
    found = {}
    for one in results:
        number = covered.get(one.guardrail_id, {}).get(one.account_id)
        if number is not None and one.outcome != _Outcome.HOLDS:
            found[one.pk] = number
    return found


def counts_by_guardrail(
    viewer: Viewer,
    *,
    connection: Connection,
    under: Collection[str] | None = None,
    guardrail_id: str = "",
    as_of: datetime | None = None,
) -> dict[str, OutcomeCounts]:
    """Return how many of the accounts that a viewer may see are how, by guardrail.

    `under`: only accounts directly in one of these OUs; None: all. `guardrail_id`: only of this
    guardrail; empty: of all.
    """
    chosen = None if under is None else frozenset(under)
    found: dict[str, OutcomeCounts] = {}
    by_unit = counts_by_unit(viewer, connection=connection, guardrail_id=guardrail_id, as_of=as_of)
    for (counted_id, parent_id), counts in by_unit.items():
        if chosen is None or parent_id in chosen:
            found[counted_id] = found.get(counted_id, NO_ACCOUNTS) + counts
    return found


def counts_by_unit(
    viewer: Viewer,
    *,
    connection: Connection,
    guardrail_id: str = "",
    as_of: datetime | None = None,
) -> dict[tuple[str, str], OutcomeCounts]:
    """Return how many accounts are how, by guardrail and the root or OU they are directly in.

    `guardrail_id`: only of this guardrail; empty: of all.
    """
    if not viewer.sees_inventory:
        return {}
    if not sees_whole(viewer, connection):
        return _counted_from_results(viewer, connection, guardrail_id, as_of)
    tallies = tallies_at(connection, as_of)
    if guardrail_id:
        tallies = tallies.filter(guardrail_id=guardrail_id)
    rows = tallies.values_list("guardrail_id", "parent_id", *_COUNTED)
    return {(row[0], row[1]): OutcomeCounts(*row[2:]) for row in rows}


def counts_by_account(
    viewer: Viewer,
    *,
    connection: Connection,
    account_ids: Collection[str],
    as_of: datetime | None = None,
) -> dict[str, OutcomeCounts]:
    """Return how many guardrails are how in each of some accounts, in at most two queries.

    An account that no guardrail was evaluated for is absent.
    """
    rows = visible(GuardrailResult.objects.as_of(as_of), viewer).filter(
        connection=connection, account_id__any_of=list(account_ids)
    )
    found: dict[str, dict[str, int]] = {}
    for account_id, outcome, count in (
        rows.order_by().values_list("account_id", "outcome").annotate(n=Count("pk"))
    ):
        found.setdefault(account_id, dict.fromkeys(_COUNTED, 0))[outcome] += count
    covered = excepted_accounts(connection) if as_of is None else {}
    if covered:
        failing = rows.filter(guardrail_id__in=list(covered)).exclude(outcome=_Outcome.HOLDS)
        for guardrail_id, account_id, outcome in failing.values_list(
            "guardrail_id", "account_id", "outcome"
        ):
            if account_id in covered[guardrail_id]:
                found[account_id][outcome] -= 1
                found[account_id]["excepted"] += 1
    return {account_id: OutcomeCounts(**counts) for account_id, counts in found.items()}


_COUNTED: Final = tuple(one.name for one in fields(OutcomeCounts))


def tallies_at(connection: Connection, as_of: datetime | None) -> "QuerySet[GuardrailTally]":
    """Return the tallies that held at a time; None: that hold now."""
    rows = GuardrailTally.objects.filter(connection=connection)
    if as_of is None:
        return rows.filter(held_until__isnull=True)
    return rows.filter(Q(held_until__isnull=True) | Q(held_until__gt=as_of), held_from__lte=as_of)


def _counted_from_results(
    viewer: Viewer, connection: Connection, guardrail_id: str, as_of: datetime | None
) -> dict[tuple[str, str], OutcomeCounts]:
    """Count the results of the accounts that somebody may see who sees a part."""
    account_ids = targets_seen(viewer, connection).account_ids
    parents = dict(
        Account.objects.as_of(as_of)
        .filter(connection=connection, account_id__any_of=account_ids)
        .values_list("account_id", "parent_id")
    )
    covered = excepted_accounts(connection) if as_of is None else {}
    rows = GuardrailResult.objects.as_of(as_of).filter(
        connection=connection, account_id__any_of=account_ids
    )
    if guardrail_id:
        rows = rows.filter(guardrail_id=guardrail_id)
    found: dict[tuple[str, str], dict[str, int]] = {}
    for counted_id, account_id, outcome in rows.values_list(
        "guardrail_id", "account_id", "outcome"
    ):
        counts = found.setdefault(
            (counted_id, parents.get(account_id, "")), dict.fromkeys(_COUNTED, 0)
        )
        is_excepted = outcome != _Outcome.HOLDS and account_id in covered.get(counted_id, ())
        counts["excepted" if is_excepted else outcome] += 1
    return {key: OutcomeCounts(**counts) for key, counts in found.items()}


@dataclass(frozen=True, slots=True)
class DayCounts:
    """What stood at the end of a day, in UTC."""

    day: date
    counts: OutcomeCounts


def guardrail_trend(
    connection: Connection,
    *,
    now: datetime,
    days: int = 30,
    guardrail_id: str = "",
    units: Collection[str] | None = None,
) -> tuple[DayCounts, ...]:
    """Return what stood at the end of each of the last days and now, the oldest first.

    For who sees the whole organization. `units`: only accounts directly in these OUs or the root.
    Days before anything was worked out are absent.
    """
    rows = GuardrailTally.objects.filter(connection=connection)
    since = now - timedelta(days=days)
    rows = rows.filter(Q(held_until__isnull=True) | Q(held_until__gt=since))
    if guardrail_id:
        rows = rows.filter(guardrail_id=guardrail_id)
    if units is not None:
        rows = rows.filter(parent_id__in=list(units))
    spans: list[Any] = list(
        rows.values("held_from", "held_until")
        .annotate(**{f"{name}_sum": Sum(name) for name in _COUNTED})
        .order_by("held_from")
    )
    found = []
    for back in range(days, -1, -1):
        day = (now - timedelta(days=back)).date()
        at = min(now, datetime.combine(day, datetime.max.time(), tzinfo=now.tzinfo))
        held = [
            span
            for span in spans
            if span["held_from"] <= at and (span["held_until"] is None or span["held_until"] > at)
        ]
        if held:
            counts = {name: sum(span[f"{name}_sum"] for span in held) for name in _COUNTED}
            found.append(DayCounts(day, OutcomeCounts(**counts)))
    return tuple(found)


def changed_since(
    viewer: Viewer, *, connection: Connection, moment: datetime
) -> "tuple[QuerySet[GuardrailResult], QuerySet[GuardrailResult]]":
    """Return what got worse and what got better with the versions written at or after a time.

    Open results that do not hold now and did before, and those that hold now and did not.
    """
    began = visible(GuardrailResult.objects.as_of(None), viewer).filter(
        connection=connection, seen_from__gte=moment
    )
    before = GuardrailResult.objects.filter(
        connection=connection,
        guardrail_id=OuterRef("guardrail_id"),
        account_id=OuterRef("account_id"),
        seen_until=OuterRef("seen_from"),
    ).values("outcome")[:1]
    began = began.annotate(outcome_before=Subquery(before)).filter(outcome_before__isnull=False)
    held = Q(outcome_before=_Outcome.HOLDS)
    holds = Q(outcome=_Outcome.HOLDS)
    return began.filter(held & ~holds), began.filter(holds & ~held)
