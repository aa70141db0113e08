"""What is known of whole accounts: summed up from their groups, ended where they have left."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, Final

from django.db import connection as database
from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from inventory.models import (
    AccountCoverage,
    CollectedSpan,
    Coverage,
    GroupCoverage,
    GroupCoverageSpan,
    Principal,
)
from inventory.store.coverage_counts import COUNTS, PRINCIPAL_COUNTS, summed_by_account

_BATCH: Final = 1000
# What a statement for one account holds in the place of the connection's key and account's id.
_ANY_CONNECTION: Final = -1
_ANY_ACCOUNT: Final = "any"
_LOCK_ONE: Final = (
    f"SELECT 1 FROM {AccountCoverage._meta.db_table}"  # noqa: S608
    " WHERE connection_id = %s AND account_id = %s FOR UPDATE"
)
# The counts of what no run has covered.
_NOTHING: Final = dict.fromkeys(COUNTS[:4], 0) | dict.fromkeys(COUNTS[4:])


@transaction.atomic(savepoint=False)
def sum_up_coverage(*, connection_id: int, account_ids: Collection[str]) -> None:
    """Bring `AccountCoverage` of these accounts to what their groups say."""
    if len(account_ids) == 1 and _sum_up_one(connection_id, *account_ids):
        return
    lock_account_coverage(connection_id=connection_id, account_ids=account_ids)
    groups = GroupCoverage.objects.filter(
        connection_id=connection_id, account_id__in=account_ids, total__gt=0
    )
    counted = {row["account_id"]: row for row in summed_by_account(groups)}
    AccountCoverage.objects.bulk_create(
        [
            AccountCoverage(
                connection_id=connection_id,
                **(counted.get(account_id) or {"account_id": account_id, **_NOTHING}),
            )
            for account_id in sorted(account_ids)
        ],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["connection", "account_id"],
        update_fields=COUNTS,
    )


def _sum_up_one(connection_id: int, account_id: str) -> bool:
    """Do so for one account, as every task does; False: the way for many has to do it."""
    with database.cursor() as cursor:
        # A statement of its own: the next one has to see what others wrote before they let go.
        cursor.execute(_LOCK_ONE, [connection_id, account_id])
        statement, given = _sum_one()
        stand_ins: dict[Any, Any] = {_ANY_CONNECTION: connection_id, _ANY_ACCOUNT: account_id}
        values: list[Any] = [stand_ins.get(each, each) for each in given]
        cursor.execute(statement, [*values, connection_id])
        return bool(cursor.rowcount)


@cache
def _sum_one() -> tuple[str, tuple[Any, ...]]:
    """Return the statement that sums up one account, and its values with two stand-ins.

    Made once: to build the query takes several times as long as to run it.
    """
    groups = GroupCoverage.objects.filter(
        connection_id=_ANY_CONNECTION, account_id=_ANY_ACCOUNT, total__gt=0
    )
    query, given = summed_by_account(groups).query.sql_with_params()
    columns = ", ".join(f"{name} = summed.{name}" for name in COUNTS)
    statement = (
        f"UPDATE {AccountCoverage._meta.db_table} AS account SET {columns}"  # noqa: S608
        f" FROM ({query}) AS summed"
        " WHERE account.connection_id = %s AND account.account_id = summed.account_id"
    )
    return statement, tuple(given)


def lock_account_coverage(*, connection_id: int, account_ids: Collection[str]) -> None:
    """Have a row of `AccountCoverage` for each account, and hold it until the transaction ends.

    Tasks of several groups sum up one account; each has to see what the one before it wrote.
    """
    rows = AccountCoverage.objects.filter(connection_id=connection_id, account_id__in=account_ids)
    held = set(rows.select_for_update().order_by("account_id").values_list("account_id", flat=True))
    missing = set(account_ids) - held
    if not missing:
        return
    AccountCoverage.objects.bulk_create(
        [AccountCoverage(connection_id=connection_id, account_id=each) for each in sorted(missing)],
        batch_size=_BATCH,
        ignore_conflicts=True,
    )
    list(rows.select_for_update().order_by("account_id").values_list("account_id", flat=True))
    # To count takes several times as long as to see that there is nothing to count.
    stored = Principal.objects.filter(connection_id=connection_id, account_id__in=missing)
    if with_principals := set(stored.order_by().values_list("account_id", flat=True).distinct()):
        count_principals(connection_id=connection_id, account_ids=with_principals)


def end_coverage(*, connection_id: int, account_ids: Collection[str], moment: datetime) -> None:
    """End what is known of accounts that have left; nobody reads them again."""
    spans = CollectedSpan.objects.filter(
        connection_id=connection_id, account_id__in=account_ids, known_until__isnull=True
    )
    spans.filter(known_from__lt=moment).update(known_until=moment)
    spans.delete()
    for model in (Coverage, GroupCoverageSpan):
        rows: QuerySet[Any] = model._default_manager.filter(
            connection_id=connection_id, account_id__in=account_ids, held_until__isnull=True
        )
        rows.filter(held_from__lt=moment).update(held_until=moment)
        rows.delete()
    GroupCoverage.objects.filter(connection_id=connection_id, account_id__in=account_ids).update(
        **_NOTHING, fingerprint="", calls={}, measures={}
    )
    sum_up_coverage(connection_id=connection_id, account_ids=account_ids)


def count_principals(*, connection_id: int, account_ids: Collection[str]) -> None:
    """Bring the counts of users, groups and roles of these accounts to what is stored."""
    summed = AccountCoverage.objects.filter(connection_id=connection_id, account_id__in=account_ids)
    counts = {
        name: Coalesce(Subquery(_number_of(kind, connection_id)), 0)
        for kind, name in PRINCIPAL_COUNTS.items()
    }
    counted = {f"{name}_now": count for name, count in counts.items()}
    differs = Q()
    for name in counts:
        differs |= ~Q(**{name: F(f"{name}_now")})
    changed = list(
        summed.annotate(**counted)
        .filter(differs)
        .order_by("account_id")
        .values_list("account_id", flat=True)
    )
    if changed:
        summed.filter(account_id__in=changed).update(**counts)


def _number_of(kind: str, connection_id: int) -> "QuerySet[Principal, int]":
    found: QuerySet[Principal, int] = (
        Principal.objects.filter(
            connection_id=connection_id,
            account_id=OuterRef("account_id"),
            seen_until__isnull=True,
            kind=kind,
        )
        .order_by()
        .values("account_id")
        .annotate(number=Count("pk"))
        .values_list("number", flat=True)
    )
    return found
