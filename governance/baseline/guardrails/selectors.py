"""Reads of results: lists, one guardrail, one account, history, counts and trends."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum

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
from governance.baseline.guardrails.outcome_counts import (
    COUNTED_OUTCOMES,
    NO_ACCOUNTS,
    WORST_FIRST,
    OutcomeCounts,
    counts_by_guardrail,
)
from governance.baseline.guardrails.proofs import filled_proof
from inventory.models import Account, Connection
from inventory.viewing import Viewer, visible

_Outcome = GuardrailResult.ResultOutcome


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
        .annotate(**{f"{name}_sum": Sum(name) for name in COUNTED_OUTCOMES})
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
            counts = {name: sum(span[f"{name}_sum"] for span in held) for name in COUNTED_OUTCOMES}
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
