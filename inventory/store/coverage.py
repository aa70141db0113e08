"""Coverage rows: one a collector in each scope and run, the newest marked and summed up."""

from collections.abc import Collection, Sequence
from typing import Final

from django.db.models import Q

from inventory.coverage_counts import COUNTS, counted_by_account
from inventory.models import AccountCoverage, Coverage

_BATCH: Final = 1000


def keep_coverage(rows: Sequence[Coverage]) -> None:
    """Store the coverage of one run, of one connection; call it in a transaction.

    Sets `is_latest` and `last_complete_at`, and sums up the accounts. Rows that the same run
    stored before are replaced.
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
    for row in rows:
        row.is_latest = True
        previous = known.get((row.account_id, row.region, row.collector))
        if row.state == Coverage.State.COMPLETE:
            row.last_complete_at = row.collected_at
        else:
            row.last_complete_at = previous.last_complete_at if previous else None
    replaced = [each.pk for each in known.values() if each.run_id == run_id]
    if replaced:
        Coverage.objects.filter(pk__in=replaced).delete()
    before.filter(is_latest=True).update(is_latest=False)
    Coverage.objects.bulk_create(rows, batch_size=_BATCH)
    sum_up_coverage(connection_id=connection_id, account_ids=account_ids)


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
