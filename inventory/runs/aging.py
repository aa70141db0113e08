"""What beat does every ten minutes: ages out the coverage of old runs, collector by collector.

Each run leaves a row of every collector in every account, which at 10,000 accounts and a run an
hour is 1.7 million rows a day. What they amount to stays: each account's part of the run with its
counts, what the run came to, and from when on what a collector reads was known. Kept whatever
their age are the newest row of each account and collector, and the organization's own rows.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from inventory.models import Coverage, InventoryRun

log = logging.getLogger(__name__)

_DETAIL: Final = InventoryRun.Detail
_BATCH: Final = 5000
_BATCHES: Final = 60


def age_out_coverage(*, now: datetime, batch: int = _BATCH, batches: int = _BATCHES) -> int:
    """Delete coverage of accounts in runs that started `INVENTORY_COVERAGE_DAYS` ago or earlier.

    The oldest runs first, at most `batches` of `batch` rows, each in a transaction of its own, in
    which the run is marked too; so a stop in between leaves nothing untold. Returns how many rows
    went.
    """
    before = now - timedelta(days=settings.INVENTORY_COVERAGE_DAYS)
    old = (
        InventoryRun.objects.filter(started_at__lte=before, counted__isnull=False)
        .exclude(state__in=InventoryRun.ACTIVE_STATES)
        .exclude(detail=_DETAIL.GONE)
        .order_by("started_at", "pk")
    )
    gone = 0
    for run in list(old):
        while batches > 0 and (deleted := _age_out_batch(run, batch, now)):
            gone += deleted
            batches -= 1
        if batches <= 0:
            break
        _note_gone(run)
    if gone:
        log.info("%s rows of coverage from before %s were aged out", gone, before.isoformat())
    return gone


def _of_accounts(run: InventoryRun) -> "QuerySet[Coverage]":
    return Coverage.objects.filter(run=run).exclude(account_id="")


@transaction.atomic
def _age_out_batch(run: InventoryRun, batch: int, now: datetime) -> int:
    """Delete some rows; 0 where none is left but those that are the newest of their kind."""
    chosen = list(_of_accounts(run).filter(is_latest=False).values_list("pk", flat=True)[:batch])
    if not chosen:
        return 0
    InventoryRun.objects.filter(pk=run.pk, detail=_DETAIL.KEPT).update(
        detail=_DETAIL.GOING, detail_aged_out_at=now
    )
    deleted, _ = Coverage.objects.filter(pk__in=chosen, is_latest=False).delete()
    return deleted


def _note_gone(run: InventoryRun) -> None:
    """Leave a run alone from now on, once nothing of its detail is left."""
    if not _of_accounts(run).exists():
        InventoryRun.objects.filter(pk=run.pk).update(detail=_DETAIL.GONE)
