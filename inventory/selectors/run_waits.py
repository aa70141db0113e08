"""What a run that goes on waits for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Count, Min, Q

from inventory.models import CollectionTask, InventoryRun
from inventory.runs.leases import lease_ended

_TASK = CollectionTask.State


class Wait(StrEnum):
    """AWS: workers read. WORKER: a message waits for a free one. LEASE: a worker that was lost is
    still waited for. BACK_OFF: what lost its worker waits to be begun again. BROKER: the message
    could not be handed over.
    """

    AWS = "aws"
    WORKER = "worker"
    LEASE = "lease"
    BACK_OFF = "back_off"
    BROKER = "broker"


@dataclass(frozen=True, slots=True)
class RunWait:
    """`tasks`: how many wait for it, 0 for the run itself. `until`: when it ends, if known."""

    wait: Wait
    tasks: int = 0
    until: datetime | None = None


def run_wait(run: InventoryRun, *, now: datetime) -> RunWait | None:
    """Return what keeps a run from its end at the moment; None: it has ended. One query."""
    if not run.is_active:
        return None
    if run.state == InventoryRun.State.QUEUED:
        return RunWait(Wait.WORKER if run.sent_at else Wait.BROKER)
    running, pending = Q(state=_TASK.RUNNING), Q(state=_TASK.PENDING)
    backs_off = pending & Q(lease_until__gt=now)
    counted = run.tasks.filter(connection_id=run.connection_id).aggregate(
        reading=Count("pk", filter=running & ~lease_ended(now)),
        lost=Count("pk", filter=lease_ended(now)),
        sent=Count("pk", filter=pending & Q(sent_at__isnull=False)),
        backing_off=Count("pk", filter=backs_off),
        begins_at=Min("lease_until", filter=backs_off),
        unsent=Count("pk", filter=pending & Q(sent_at__isnull=True) & ~backs_off),
    )
    for wait, tasks, until in (
        (Wait.AWS, counted["reading"], None),
        (Wait.LEASE, counted["lost"], None),
        (Wait.WORKER, counted["sent"], None),
        (Wait.BACK_OFF, counted["backing_off"], counted["begins_at"]),
        (Wait.BROKER, counted["unsent"], None),
    ):
        if tasks:
            return RunWait(wait, tasks, until)
    return RunWait(Wait.WORKER)
