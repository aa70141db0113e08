"""Celery's edge of the audit log: each task makes one or two calls.

They run on the queue `audit`, whose worker alone has the signing key.
"""

import logging

from celery import shared_task
from django.utils import timezone

from governance.audit import dispatch
from governance.audit.destinations import checkpoints_deliver
from governance.audit.models import AuditCheckpoint
from governance.audit.sealing import checkpoint_make, seal
from governance.audit.signing import SigningKeyMissing
from governance.audit.streaming import events_stream
from governance.audit.verification import verification_run

log = logging.getLogger(__name__)


# Not acks_late: beat asks again soon, and nothing is lost meanwhile.
@shared_task(
    name=dispatch.SEAL, acks_late=False, ignore_result=True, expires=30, soft_time_limit=240
)
def seal_task() -> None:
    """Give entries their places in the tree, and hand them to the SIEM."""
    seal()
    events_stream(now=timezone.now())
    if not AuditCheckpoint.objects.exists():
        _sign()


# Not acks_late, as above.
@shared_task(
    name=dispatch.CHECKPOINT, acks_late=False, ignore_result=True, expires=240, soft_time_limit=240
)
def checkpoint_task() -> None:
    """Sign what the tree is, and bring it outside."""
    _sign()


def _sign() -> None:
    try:
        checkpoint_make(now=timezone.now())
    except SigningKeyMissing as error:
        log.error("no checkpoint: %s", error)
        return
    checkpoints_deliver(now=timezone.now())


# Not acks_late, as above.
@shared_task(
    name=dispatch.VERIFY, acks_late=False, ignore_result=True, expires=3600, soft_time_limit=3600
)
def verify_task() -> None:
    """Verify the whole log and store what came of it."""
    found = verification_run(clock=timezone.now)
    if found.problems:
        log.error("the audit log does not verify: %s", found.problems)
