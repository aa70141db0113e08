"""In how many accounts guardrails hold, fail, or are not known to."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from django.db.models import Count, Q, QuerySet

from governance.baseline.guardrails.excepting import excepted_accounts
from governance.baseline.guardrails.models import (
    GuardrailResult,
    GuardrailTally,
)
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
    rows = tallies.values_list("guardrail_id", "parent_id", *COUNTED_OUTCOMES)
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
        found.setdefault(account_id, dict.fromkeys(COUNTED_OUTCOMES, 0))[outcome] += count
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


COUNTED_OUTCOMES: Final = tuple(one.name for one in fields(OutcomeCounts))


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
            (counted_id, parents.get(account_id, "")), dict.fromkeys(COUNTED_OUTCOMES, 0)
        )
        is_excepted = outcome != _Outcome.HOLDS and account_id in covered.get(counted_id, ())
        counts["excepted" if is_excepted else outcome] += 1
    return {key: OutcomeCounts(**counts) for key, counts in found.items()}
