"""How the coverage of an account is counted, whoever counts it and whichever rows."""

from typing import Any, Final

from django.db.models import Case, Count, DateTimeField, Max, Min, Q, QuerySet, Value, When

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


def counted_by_account(rows: "QuerySet[Coverage]") -> "QuerySet[Coverage, dict[str, Any]]":
    """Return `account_id` and `COUNTS` for each account among `rows`, each a dictionary."""
    never = Count("pk", filter=Q(last_complete_at__isnull=True) & ~Q(state=_STATE.UNSUPPORTED))
    counted: QuerySet[Coverage, dict[str, Any]] = (
        rows.order_by()
        .values("account_id")
        .annotate(
            total=Count("pk"),
            complete=Count("pk", filter=Q(state=_STATE.COMPLETE)),
            denied=Count("pk", filter=Q(state=_STATE.DENIED)),
            unsupported=Count("pk", filter=Q(state=_STATE.UNSUPPORTED)),
            never=never,
            newest_attempt_at=Max("collected_at"),
        )
        .annotate(
            oldest_complete_at=Case(
                When(never__gt=0, then=Value(None)),
                default=Min("last_complete_at", filter=~Q(state=_STATE.UNSUPPORTED)),
                output_field=DateTimeField(null=True),
            )
        )
        .values("account_id", *COUNTS)
    )
    return counted
