"""Celery's edge of rollouts: only the apply worker runs these."""

import time
from typing import Final

from celery import shared_task
from django.utils import timezone

from governance.changes.aws_writer import AwsWriter
from governance.changes.models import Rollout
from governance.changes.planning.steps import AwsCall
from governance.changes.rollout import dispatch, leases
from governance.changes.rollout.executor import rollout_advance
from governance.changes.rollout.journal import session_name
from governance.changes.rollout.worker import Worker

_SECONDS: Final = 3600


def apply_worker() -> Worker:
    """Return this process as one that carries a rollout out, in the name of the apply role."""
    return Worker(
        holder=leases.new_holder(), clock=timezone.now, sleep=time.sleep, api_of=writer_of
    )


def writer_of(rollout: Rollout, calls: frozenset[AwsCall]) -> AwsWriter:
    """Return AWS for a rollout, with a session that may make its calls alone."""
    request = rollout.change_request
    return AwsWriter(request.connection, calls=calls, session_name=session_name(request.number))


# Not acks_late: beat sends a rollout again whose worker was lost, once its lease has ended.
@shared_task(
    name=dispatch.CARRY_ON,
    acks_late=False,
    ignore_result=True,
    soft_time_limit=_SECONDS,
    time_limit=_SECONDS + 60,
)
def carry_on_rollout_task(*, rollout_id: int) -> None:
    """Carry one rollout on as far as it goes now."""
    rollout_advance(rollout_id=rollout_id, worker=apply_worker())


# Not acks_late: beat asks again soon. It expires, so that none pile up meanwhile.
@shared_task(name=dispatch.CARRY_ON_ALL, acks_late=False, ignore_result=True, expires=9)
def carry_on_rollouts_task() -> None:
    """Queue every rollout that has something to do."""
    for rollout_id in leases.due(timezone.now()).values_list("pk", flat=True):
        dispatch.send_rollout(rollout_id)
