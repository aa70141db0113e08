"""The end of a run: when all its tasks are done, or when it cannot go on."""

from datetime import datetime

from django.db import connection as database
from django.db import transaction
from django.db.models import F

from inventory.models import CollectionTask, GroupCoverage, InventoryRun
from inventory.runs.counts import count_run
from inventory.signals import run_ended
from inventory.store.reconcile import Written

_RUN = InventoryRun.State
_TASK = CollectionTask.State
# In SQL, since every task of every run does it.
_COUNT_DONE = f"""
    UPDATE {InventoryRun._meta.db_table}
    SET rows_opened = rows_opened + %s, rows_closed = rows_closed + %s, tasks_done = tasks_done + %s
    WHERE id = %s RETURNING state = 'running' AND tasks_done >= tasks_total
"""  # noqa: S608


def count_done(run_id: int, written: Written, *, tasks: int) -> bool:
    """Add to a run what some of its tasks wrote; return whether all of its tasks are done.

    Last in a transaction, for all meet here; so exactly one of a run's tasks is told that it is
    the last.
    """
    with database.cursor() as cursor:
        cursor.execute(_COUNT_DONE, [written.opened, written.closed, tasks, run_id])
        found: tuple[bool] | None = cursor.fetchone()
    return found is not None and found[0]


def finish_if_done(*, run_id: int, now: datetime) -> None:
    """End a run if as many of its tasks have ended as it has, without looking at each of them."""
    done = InventoryRun.objects.filter(
        pk=run_id, state=_RUN.RUNNING, tasks_done__gte=F("tasks_total")
    )
    if done.exists():
        finish_run(run_id=run_id, now=now)


@transaction.atomic
def finish_run(*, run_id: int, now: datetime) -> None:
    """End a run whose tasks are all done; exactly once, however many ask at the same time."""
    run = InventoryRun.objects.select_for_update().get(pk=run_id)
    tasks = run.tasks.filter(connection_id=run.connection_id).exclude(account_id="")
    if run.state != _RUN.RUNNING or tasks.filter(state__in=CollectionTask.OPEN_STATES).exists():
        return
    read = tasks.exclude(state__in=[_TASK.SKIPPED, _TASK.FAILED])
    unsure = GroupCoverage.objects.filter(
        connection_id=run.connection_id, run=run, complete__lt=F("total") - F("unsupported")
    )
    if run.account_ids is not None and not read.exists():
        run.state = _RUN.FAILED
        run.error = "none of the accounts could be read: see their coverage"
    else:
        run.state = _RUN.PARTIAL if unsure.exists() else _RUN.COMPLETE
    _end(run, now)


def fail_run(*, run_id: int, error: str, now: datetime) -> None:
    """End a run as failed, with what is left of its tasks; one that has ended is left alone."""
    end_early(run_id=run_id, state=_RUN.FAILED, error=error, now=now)


@transaction.atomic
def end_early(*, run_id: int, state: InventoryRun.State, error: str, now: datetime) -> bool:
    """End a run before its tasks are done; False: it had ended. Nothing is stored behind it."""
    # Tasks before the run: in the order in which `collect_group` takes them.
    left = list(
        CollectionTask.objects.select_for_update()
        .filter(run_id=run_id, state__in=CollectionTask.OPEN_STATES)
        .order_by("account_id", "group")
    )
    run = InventoryRun.objects.select_for_update().get(pk=run_id)
    if not run.is_active:
        return False
    CollectionTask.objects.filter(pk__in=[task.pk for task in left]).update(
        state=_TASK.FAILED, finished_at=now, lease_until=None
    )
    run.unread = [[task.account_id, task.group] for task in left if task.account_id]
    run.state = state
    run.error = error
    _end(run, now)
    return True


def _end(run: InventoryRun, now: datetime) -> None:
    """Write the end of a run, and tell of it in the caller's transaction."""
    run.finished_at = now
    run.counted = count_run(run).as_json()
    run.save(update_fields=["state", "error", "finished_at", "counted", "unread"])
    run_ended.send(sender=InventoryRun, run=run, now=now)
