"""Hands a run's tasks to the workers, a few at a time, so that no run fills the queue.

So many tasks of a run are sent at first; each that ends has the next one sent. A message holds for
a while only. What was sent and not begun by then, or whose worker was lost, is sent again by
`inventory.runs.upkeep`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.models import F, Q, QuerySet

from inventory.models import CollectionTask, InventoryRun
from inventory.runs import dispatch

_TASK = CollectionTask.State
# In SQL, since every task of every run does it. The order is the index's.
_TAKE_NEXT = f"""
    UPDATE {CollectionTask._meta.db_table} SET sent_at = %s WHERE id = (
        SELECT id FROM {CollectionTask._meta.db_table}
        WHERE connection_id = %s AND (account_id, "group") > (%s, %s) AND account_id <> ''
        AND run_id = %s AND state = 'pending' AND sent_at IS NULL
        AND (lease_until IS NULL OR lease_until <= %s)
        ORDER BY account_id, "group" LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING account_id, "group"
"""  # noqa: S608


def open_tasks(run: InventoryRun) -> "QuerySet[CollectionTask]":
    """Return the tasks of a run's accounts that are not done."""
    return run.tasks.filter(
        connection_id=run.connection_id, state__in=CollectionTask.OPEN_STATES
    ).exclude(account_id="")


def send_first(run: InventoryRun, *, now: datetime) -> None:
    """Send as many tasks as may be with workers at once, when the transaction commits."""
    going = open_tasks(run).filter(Q(state=_TASK.RUNNING) | Q(sent_at__isnull=False)).count()
    free = settings.INVENTORY_TASKS_AT_ONCE - going
    if free > 0:
        _send(run.pk, _unsent(run.pk, run.connection_id, now)[:free], now)


def send_next(
    run_id: int, connection_id: int, *, account_id: str, group: str, now: datetime
) -> None:
    """Send the task that follows one which has ended, when the transaction commits."""
    with database.cursor() as cursor:
        cursor.execute(_TAKE_NEXT, [now, connection_id, account_id, group, run_id, now])
        following = cursor.fetchall()
    _dispatch(run_id, following)


def send_again(run: InventoryRun, *, now: datetime) -> int:
    """Count messages as lost that nobody took in their time, and send again; return how many."""
    lost_before = now - timedelta(seconds=settings.INVENTORY_MESSAGE_SECONDS)
    lost = open_tasks(run).filter(state=_TASK.PENDING, sent_at__lte=lost_before)
    number = lost.update(sent_at=None)
    with transaction.atomic():
        send_first(run, now=now)
    return number


def _unsent(run_id: int, connection_id: int, now: datetime) -> "QuerySet[CollectionTask]":
    return (
        CollectionTask.objects.select_for_update(skip_locked=True)
        .filter(
            Q(lease_until__isnull=True) | Q(lease_until__lte=now),
            connection_id=connection_id,
            run_id=run_id,
            state=_TASK.PENDING,
            sent_at__isnull=True,
        )
        .exclude(account_id="")
        .order_by(F("account_id"), F("group"))
    )


def _send(run_id: int, tasks: "QuerySet[CollectionTask]", now: datetime) -> None:
    chosen: Sequence[CollectionTask] = list(tasks)
    if not chosen:
        return
    CollectionTask.objects.filter(pk__in=[task.pk for task in chosen]).update(sent_at=now)
    _dispatch(run_id, [(task.account_id, task.group) for task in chosen])


def _dispatch(run_id: int, parts: Sequence[tuple[str, str]]) -> None:
    if parts:
        # If the broker is away now, upkeep sends them again.
        transaction.on_commit(lambda: dispatch.send_tasks(run_id, parts), robust=True)
