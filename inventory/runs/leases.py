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
from django.db import DatabaseError, connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from inventory.models import CollectionTask

log = logging.getLogger(__name__)

_TASK = CollectionTask.State


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
            except DatabaseError as error:
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
