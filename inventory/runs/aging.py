"""What beat does every ten minutes: ages out coverage that held long ago, collector by collector.

A row tells what came of a collector for as long as it was the same, so only those go that ended
long ago. What they amount to stays: the counts of each account and group, what each run came to,
and from when on what a collector reads was known. Kept whatever their age are the rows that still
hold, and the organization's own.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection as database
from django.db import transaction

from inventory.models import Coverage, InventoryRun

log = logging.getLogger(__name__)

_DETAIL: Final = InventoryRun.Detail
_BATCH: Final = 5000
_BATCHES: Final = 60
_MARK: Final = f"""
    UPDATE {InventoryRun._meta.db_table} AS run SET detail = %s, detail_aged_out_at = %s
    WHERE run.detail = %s AND EXISTS (
        SELECT 1 FROM {Coverage._meta.db_table} AS gone
        WHERE gone.id = ANY(%s) AND gone.connection_id = run.connection_id
        AND gone.held_from <= run.started_at AND gone.held_until > run.started_at
    )
"""  # noqa: S608


def age_out_coverage(*, now: datetime, batch: int = _BATCH, batches: int = _BATCHES) -> int:
    """Delete coverage of accounts that ended `INVENTORY_COVERAGE_DAYS` ago or earlier.

    What ended first goes first, at most `batches` of `batch` rows, each in a transaction of its
    own, in which the runs that lose it are marked too; so a stop in between leaves nothing untold.
    Returns how many rows went.
    """
    before = now - timedelta(days=settings.INVENTORY_COVERAGE_DAYS)
    gone = 0
    for _ in range(batches):
        deleted = _age_out_batch(before, batch, now)
        gone += deleted
        if deleted < batch:
            break
    if gone:
        log.info("%s rows of coverage from before %s were aged out", gone, before.isoformat())
    return gone


@transaction.atomic
def _age_out_batch(before: datetime, batch: int, now: datetime) -> int:
    old = Coverage.objects.filter(held_until__lte=before).exclude(account_id="")
    chosen = list(old.order_by("held_until").values_list("pk", flat=True)[:batch])
    if not chosen:
        return 0
    with database.cursor() as cursor:
        cursor.execute(_MARK, [_DETAIL.GOING, now, _DETAIL.KEPT, chosen])
    Coverage.objects.filter(pk__in=chosen).delete()
    return len(chosen)
