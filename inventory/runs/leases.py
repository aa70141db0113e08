"""Who works on a task: a worker holds it for a while and says again and again that it lives.

A lease that is not renewed ends, and another worker takes the task over. What the first one read is
then not stored any more: whoever stores must hold the lease still.
"""

import logging
import os
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from inventory.models import CollectionTask, InventoryRun

log = logging.getLogger(__name__)

_TASK = CollectionTask.State
# A task of a run that goes on. Whoever ends a run locks its tasks too, so nothing begins and
# nothing is stored behind a run's end.
_OF_RUN = f"""
    connection_id = %s AND account_id = %s AND "group" = %s AND run_id = %s
    AND EXISTS (SELECT 1 FROM {InventoryRun._meta.db_table} AS run
        WHERE run.id = task.run_id AND run.state = 'running')
"""  # noqa: S608
# In SQL, since every task of every run does these.
_CLAIM = f"""
    UPDATE {CollectionTask._meta.db_table} AS task
    SET state = 'running', started_at = %s, attempts = attempts + 1, worker = %s,
        heartbeat_at = %s, lease_until = %s
    WHERE {_OF_RUN} AND state IN ('pending', 'running')
    AND (lease_until IS NULL OR lease_until <= %s)
"""  # noqa: S608
_END = f"""
    UPDATE {CollectionTask._meta.db_table} AS task
    SET state = %s, finished_at = %s, lease_until = NULL
    WHERE {_OF_RUN} AND state = 'running' AND worker = %s
"""  # noqa: S608


def new_holder() -> str:
    """Return a name for one taking of a task: host, process, and what tells it from others."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def lease_end(now: datetime) -> datetime:
    """Return until when a task is held that is taken, or renewed, now."""
    return now + timedelta(seconds=settings.INVENTORY_LEASE_SECONDS)


def lease_ended(now: datetime) -> Q:
    """Tasks that somebody began and holds no more."""
    return Q(state=_TASK.RUNNING) & (Q(lease_until__isnull=True) | Q(lease_until__lte=now))


def take(task: CollectionTask, *, holder: str, now: datetime) -> None:
    """Begin a task, which the caller has locked."""
    task.state = _TASK.RUNNING
    task.started_at = now
    task.attempts += 1
    task.worker = holder
    task.heartbeat_at = now
    task.lease_until = lease_end(now)
    task.save(
        update_fields=[
            *("state", "started_at", "attempts", "worker", "heartbeat_at", "lease_until"),
        ]
    )


def claim(run: InventoryRun, account_id: str, group: str, *, holder: str, now: datetime) -> bool:
    """Begin a task of a run; False: it is done, held or backs off, or the run has ended."""
    with connection.cursor() as cursor:
        task = (run.connection_id, account_id, group, run.pk)
        cursor.execute(_CLAIM, (now, holder, now, lease_end(now), *task, now))
        return bool(cursor.rowcount)


def end_held(
    run: InventoryRun,
    account_id: str,
    group: str,
    *,
    holder: str,
    state: CollectionTask.State,
    now: datetime,
) -> bool:
    """End a task, which stays locked; False: `holder` holds it no more, or the run has ended."""
    with connection.cursor() as cursor:
        task = (run.connection_id, account_id, group, run.pk)
        cursor.execute(_END, (state.value, now, *task, holder))
        return bool(cursor.rowcount)


@contextmanager
def renewed(holder: str, *, connection_id: int) -> Iterator[None]:
    """Renew every lease of `holder` in an organization while the body runs."""
    done = threading.Event()
    thread = threading.Thread(
        target=_renew_until, args=(done, holder, connection_id), name="lease", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=settings.INVENTORY_LEASE_SECONDS)


def _renew_until(done: threading.Event, holder: str, connection_id: int) -> None:
    try:
        while not done.wait(settings.INVENTORY_HEARTBEAT_SECONDS):
            try:
                renew(holder, connection_id=connection_id, now=timezone.now())
            except (DatabaseError, InterfaceError) as error:
                # The next beat tries again, with a connection of its own.
                log.warning("the lease of %s could not be renewed: %s", holder, error)
                connection.close()
    finally:
        connection.close()


def renew(holder: str, *, connection_id: int, now: datetime) -> int:
    """Hold what `holder` holds for as long again; return how many tasks that are."""
    return held_by(holder, connection_id=connection_id).update(
        heartbeat_at=now, lease_until=lease_end(now)
    )


def held_by(holder: str, *, connection_id: int) -> "QuerySet[CollectionTask]":
    """Return the tasks of an organization that `holder` began and nobody took over."""
    return CollectionTask.objects.filter(
        connection_id=connection_id, worker=holder, state=_TASK.RUNNING
    )


def back_off(task: CollectionTask, *, now: datetime) -> None:
    """Let a task wait whose worker was lost, the longer the more often it was begun.

    `lease_until` of a pending task is when it may be begun again, so that one which kills its
    workers takes no place from others.
    """
    waits = settings.INVENTORY_BACK_OFF_SECONDS * (2 ** max(0, task.attempts - 1) - 1)
    task.state = _TASK.PENDING
    task.sent_at = None
    task.worker = ""
    task.lease_until = now + timedelta(seconds=waits)
    task.save(update_fields=["state", "sent_at", "worker", "lease_until"])
