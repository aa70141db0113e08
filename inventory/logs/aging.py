"""What beat does every hour: partitions of the next days are made, and what is old goes.

What is summed up goes later than what it was summed up from: ids of events first, then files, then
whole events, then usage.
"""

import logging
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection as database
from django.db import transaction

from inventory.models import DeniedCalls, HourlyCalls, LogDay, LogSource, UnmappedCall
from inventory.models.day_partitions import PARTITIONED, add_day_partition, drop_days_before

log = logging.getLogger(__name__)

_AHEAD: Final = 3
_BATCH: Final = 5000
_BATCHES: Final = 40
# Rows of the last days of an account and region stay: the next listing begins there, and would
# take their files for new ones.
_OLD_FILES: Final = """
    DELETE FROM inventory_logobject WHERE id IN (
        SELECT file.id FROM inventory_logobject AS file
        WHERE file.source_id = %(source)s AND file.day < %(before)s
        AND file.state NOT IN ('waiting', 'denied')
        AND file.day < %(late)s::integer * -1 + (
            SELECT max(newest.day) FROM inventory_logday AS newest
            WHERE newest.source_id = file.source_id AND newest.account_id = file.account_id
            AND newest.region = file.region AND newest.listed_at IS NOT NULL
        )
        LIMIT %(most)s
    )
"""
_OLD_ACCESSES: Final = """
    DELETE FROM inventory_usedaccess WHERE id IN (
        SELECT id FROM inventory_usedaccess WHERE last_day < %s LIMIT %s
    ) AND last_day < %s
"""
_UNUSED_CONTEXTS: Final = """
    DELETE FROM inventory_usagecontext WHERE id IN (
        SELECT id FROM inventory_usagecontext AS context WHERE NOT EXISTS (
            SELECT FROM inventory_usedaccess AS access WHERE access.context_id = context.id
        ) LIMIT %s
    )
"""


def age_out_logs(*, now: datetime) -> None:
    """Make the partitions of today and the next days, and delete what is older than its days."""
    today = now.date()
    usage = today - timedelta(days=settings.INVENTORY_USAGE_DAYS)
    before = {
        "inventory_dailyusage": usage,
        "inventory_dailydenial": usage,
        "inventory_loggedevent": today - timedelta(days=settings.INVENTORY_LOGGED_EVENT_DAYS),
        "inventory_readevents": today - timedelta(days=settings.INVENTORY_EVENT_ID_DAYS),
    }
    for table in PARTITIONED:
        for ahead in range(_AHEAD):
            add_day_partition(table, today + timedelta(days=ahead))
        dropped = drop_days_before(table, before[table])
        if dropped:
            log.info("%s days of %s before %s were aged out", dropped, table, before[table])
    UnmappedCall.objects.filter(day__lt=usage).delete()
    HourlyCalls.objects.filter(day__lt=usage).delete()
    DeniedCalls.objects.filter(day__lt=usage).delete()
    _age_out_files(today)
    LogDay.objects.filter(day__lt=usage).delete()
    _in_batches(_OLD_ACCESSES, [usage, _BATCH, usage])
    _in_batches(_UNUSED_CONTEXTS, [_BATCH])


def _age_out_files(today: date) -> None:
    before = today - timedelta(days=settings.INVENTORY_LOG_FILE_DAYS)
    for source_id in LogSource.objects.values_list("pk", flat=True):
        _in_batches(
            _OLD_FILES,
            {
                "source": source_id,
                "before": before,
                "late": settings.INVENTORY_LOG_LATE_DAYS,
                "most": _BATCH,
            },
        )


def _in_batches(statement: str, parameters: "list[object] | dict[str, object]") -> None:
    for _ in range(_BATCHES):
        with transaction.atomic(), database.cursor() as cursor:
            cursor.execute(statement, parameters)  # type: ignore[arg-type]
            if cursor.rowcount < _BATCH:
                return
