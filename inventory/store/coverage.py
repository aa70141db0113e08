"""Coverage rows: one a collector in each scope and run, the newest marked and summed up."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from inventory.models import AccountCoverage, CollectedSpan, Coverage, Principal, RunAccount
from inventory.store.coverage_counts import COUNTS, PRINCIPAL_COUNTS, counted_by_account

_BATCH: Final = 1000


def keep_coverage(rows: Sequence[Coverage]) -> None:
    """Store the coverage of one run, of one connection; call it in a transaction.

    Sets `is_latest` and `last_complete_at`, sums up the accounts and the run's parts, and notes
    what is known from now on. Rows that the same run stored before are replaced.
    """
    if not rows:
        return
    connection_id, run_id = rows[0].connection_id, rows[0].run_id
    account_ids = {row.account_id for row in rows}
    collectors = {row.collector for row in rows}
    before = Coverage.objects.filter(
        Q(is_latest=True) | Q(run_id=run_id),
        connection_id=connection_id,
        account_id__in=account_ids,
        collector__in=collectors,
    )
    known = {
        (row.account_id, row.region, row.collector): row
        for row in before.order_by("collected_at", "pk")
    }
    first = []
    for row in rows:
        row.is_latest = True
        previous = known.get((row.account_id, row.region, row.collector))
        if row.state == Coverage.State.COMPLETE:
            row.last_complete_at = row.collected_at
            if previous is None or previous.last_complete_at is None:
                first.append(row)
        else:
            row.last_complete_at = previous.last_complete_at if previous else None
    replaced = [each.pk for each in known.values() if each.run_id == run_id]
    if replaced:
        Coverage.objects.filter(pk__in=replaced).delete()
    before.filter(is_latest=True).update(is_latest=False)
    Coverage.objects.bulk_create(rows, batch_size=_BATCH)
    sum_up_coverage(connection_id=connection_id, account_ids=account_ids)
    sum_up_parts(run_id=run_id, connection_id=connection_id, account_ids=account_ids)
    note_collected(first)


def sum_up_coverage(*, connection_id: int, account_ids: Collection[str]) -> None:
    """Bring `AccountCoverage` of these accounts to what their newest coverage says."""
    newest = Coverage.objects.filter(
        connection_id=connection_id, account_id__in=account_ids, is_latest=True
    )
    counted = {row["account_id"]: row for row in counted_by_account(newest)}
    AccountCoverage.objects.bulk_create(
        # In one order everywhere, so that two writers never wait for each other.
        [AccountCoverage(connection_id=connection_id, **counted[key]) for key in sorted(counted)],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["connection", "account_id"],
        update_fields=COUNTS,
    )
    gone = set(account_ids) - counted.keys()
    if gone:
        AccountCoverage.objects.filter(connection_id=connection_id, account_id__in=gone).delete()


def sum_up_parts(*, run_id: int, connection_id: int, account_ids: Collection[str]) -> None:
    """Put into the parts of a run what is known of these accounts now."""
    known = AccountCoverage.objects.filter(
        connection_id=connection_id, account_id=OuterRef("account_id")
    )
    RunAccount.objects.filter(
        run_id=run_id,
        account_id__in=AccountCoverage.objects.filter(
            connection_id=connection_id, account_id__in=account_ids
        ).values("account_id"),
    ).update(**{name: Subquery(known.values(name)[:1]) for name in COUNTS})


def note_collected(rows: Sequence[Coverage]) -> None:
    """Open the spans in which what these complete collectors read is known, where none is open."""
    CollectedSpan.objects.bulk_create(
        [
            CollectedSpan(
                connection_id=row.connection_id,
                account_id=row.account_id,
                collector=row.collector,
                known_from=row.run.started_at,
            )
            for row in sorted(rows, key=lambda row: (row.account_id, row.collector))
            # A run that covers anything has started.
            if row.run.started_at is not None
        ],
        batch_size=_BATCH,
        ignore_conflicts=True,
    )


def end_collected(*, connection_id: int, account_ids: Collection[str], moment: datetime) -> None:
    """End what is known of accounts that have left; nobody reads them again."""
    spans = CollectedSpan.objects.filter(
        connection_id=connection_id, account_id__in=account_ids, known_until__isnull=True
    )
    spans.filter(known_from__lt=moment).update(known_until=moment)
    spans.delete()


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
