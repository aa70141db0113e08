"""How coverage is counted, whoever counts it: a group's collectors, an account's groups."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    F,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable

from inventory.models import Coverage, Principal

_STATE: Final = Coverage.State
COUNTS: Final = (
    *("total", "complete", "denied", "unsupported", "oldest_complete_at", "newest_attempt_at"),
)
# The fields of `AccountCoverage` that hold how many principals of a kind are known.
PRINCIPAL_COUNTS: Final = {
    Principal.Kind.USER.value: "users",
    Principal.Kind.GROUP.value: "groups",
    Principal.Kind.ROLE.value: "roles",
}


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """The counts of one group's collectors, as `GroupCoverageSpan` has them."""

    total: int
    complete: int
    denied: int
    unsupported: int
    oldest_complete_at: datetime | None

    def as_of_attempt(self, attempted_at: datetime) -> datetime | None:
        """Return the oldest last complete reading, after an attempt; None: one never was."""
        if self.complete < self.total - self.unsupported:
            return self.oldest_complete_at
        return attempted_at if self.complete else None


def count_group(fared: Iterable[tuple[str, datetime | None]]) -> GroupCounts:
    """Count collectors by their state and when each that is not complete was so last."""
    states: list[str] = []
    before: list[datetime | None] = []
    for state, complete_before_at in fared:
        states.append(state)
        if state not in {_STATE.COMPLETE, _STATE.UNSUPPORTED}:
            before.append(complete_before_at)
    known = [at for at in before if at is not None]
    return GroupCounts(
        total=len(states),
        complete=states.count(_STATE.COMPLETE),
        denied=states.count(_STATE.DENIED),
        unsupported=states.count(_STATE.UNSUPPORTED),
        oldest_complete_at=min(known) if known and len(known) == len(before) else None,
    )


def summed_by_account(
    groups: "QuerySet[Any]",
    *,
    attempted_at: Combinable | None = None,
) -> "QuerySet[Any, dict[str, Any]]":
    """Return `account_id` and `COUNTS` for each account among `groups`, each a dictionary.

    `groups`: rows of `GroupCoverage`, or of `GroupCoverageSpan` with `attempted_at`, the expression
    of when each was read last.
    """
    short = Q(complete__lt=F("total") - F("unsupported"))
    readable = ~Q(total=F("unsupported"))
    attempt = F("newest_attempt_at") if attempted_at is None else attempted_at
    rows = groups.order_by().annotate(
        attempt=attempt,
        oldest=Case(
            When(short, then=F("oldest_complete_at")),
            When(readable, then=attempt),
            default=Value(None),
            output_field=DateTimeField(null=True),
        ),
    )
    summed: QuerySet[Any, dict[str, Any]] = (
        rows.values("account_id")
        .annotate(
            sum_total=Sum("total"),
            sum_complete=Sum("complete"),
            sum_denied=Sum("denied"),
            sum_unsupported=Sum("unsupported"),
            never=Count("pk", filter=readable & Q(oldest__isnull=True)),
            oldest_of_all=Min("oldest"),
            newest=Max("attempt"),
        )
        .annotate(
            oldest_known=Case(
                When(never__gt=0, then=Value(None)),
                default=F("oldest_of_all"),
                output_field=DateTimeField(null=True),
            )
        )
        .values(
            "account_id",
            total=F("sum_total"),
            complete=F("sum_complete"),
            denied=F("sum_denied"),
            unsupported=F("sum_unsupported"),
            oldest_complete_at=F("oldest_known"),
            newest_attempt_at=F("newest"),
        )
    )
    return summed
