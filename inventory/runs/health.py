"""Whether what collects is there: beat, workers, and a queue that moves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from kombu.exceptions import OperationalError

from inventory.models import CollectionTask, InventoryRun
from inventory.runs.dispatch import QUEUE

_RESUMED_KEY: Final = "inventory:resumed_at"
_WORKER_KEY: Final = "inventory:worker_at"
# Beat asks every 20 seconds; some of them may be missed while workers restart.
_SILENT: Final = timedelta(seconds=90)
_UNTAKEN: Final = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class CollectionHealth:
    """`problems`: by name, in words; empty: all is well. `messages`: queued; None: unknown.

    `resumed_at`, `worker_at`: when beat and a worker that collects were last heard; None: never.
    """

    problems: dict[str, str]
    messages: int | None
    resumed_at: datetime | None
    worker_at: datetime | None


def note_resumed(now: datetime) -> None:
    """Note that beat asked and a worker answered."""
    cache.set(_RESUMED_KEY, now.isoformat(), timeout=None)


def note_worker(now: datetime) -> None:
    """Note that a worker of the queue `inventory` is up."""
    cache.set(_WORKER_KEY, now.isoformat(), timeout=None)


def collection_health(*, now: datetime) -> CollectionHealth:
    """Look at what beat and workers left behind, and at the queue."""
    problems: dict[str, str] = {}
    noted = cache.get_many([_RESUMED_KEY, _WORKER_KEY])
    resumed_at, worker_at = (
        datetime.fromisoformat(noted[key]) if key in noted else None
        for key in (_RESUMED_KEY, _WORKER_KEY)
    )
    if resumed_at is None or now - resumed_at > _SILENT:
        problems["beat"] = (
            f"{_last_heard(now, resumed_at)} Check that beat and the workers of the queue upkeep "
            "are up. Until then no scheduled run starts and no interrupted run resumes."
        )
    messages = _messages()
    if messages is None:
        problems["queue"] = (
            f"The queue {QUEUE} cannot be read. Check that the broker is up and that this server "
            "reaches it: without it no run goes on."
        )
    elif messages > settings.INVENTORY_QUEUE_FULL:
        problems["queue"] = (
            f"The queue {QUEUE} holds {messages:,} messages. Add workers, or see why they are slow."
        )
    if worker_at is None or now - worker_at > _SILENT:
        problems["workers"] = (
            f"{_last_heard(now, worker_at)} Check that the workers of the queue {QUEUE} are up. "
            "Until then no run starts or goes on."
        )
    elif _is_untaken(now):
        problems["workers"] = (
            f"A run waits, and for {_UNTAKEN.total_seconds():.0f} s no worker of the queue {QUEUE} "
            "has taken a task. Check their log."
        )
    return CollectionHealth(problems, messages, resumed_at, worker_at)


def _last_heard(now: datetime, at: datetime | None) -> str:
    if at is None:
        return "Never heard."
    seconds = (now - at).total_seconds()
    ago = f"{seconds:,.0f} s" if seconds < 600 else f"{seconds / 60:,.0f} min"
    return f"Last heard {ago} ago."


def _messages() -> int | None:
    try:
        with current_app.connection_for_read() as broker:
            channel: Any = broker.default_channel
            return int(channel.client.llen(QUEUE))
    except (OperationalError, OSError):
        return None


def _is_untaken(now: datetime) -> bool:
    """Whether a run waits, and for long nobody has begun, renewed or ended anything."""
    since = now - _UNTAKEN
    waiting = InventoryRun.objects.filter(
        Q(state=InventoryRun.State.QUEUED, requested_at__lt=since)
        | Q(state=InventoryRun.State.RUNNING, started_at__lt=since)
    )
    signs = CollectionTask.objects.filter(
        Q(state=CollectionTask.State.RUNNING, lease_until__gt=now)
        | Q(heartbeat_at__gt=since)
        | Q(finished_at__gt=since)
    )
    return waiting.exists() and not signs.exists()
