"""Celery's edge of posture: what is worked out before somebody asks."""

import logging

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from governance.posture.findings.structure import prepare_findings
from inventory.models import Connection
from inventory.viewing import Viewer

log = logging.getLogger(__name__)

PREPARE = "posture.prepare"
_LIMIT = 300


# Not acks_late: beat asks again in a minute. It expires, so that none pile up meanwhile.
@shared_task(
    name=PREPARE,
    acks_late=False,
    ignore_result=True,
    expires=55,
    soft_time_limit=_LIMIT,
    time_limit=_LIMIT + 30,
)
def prepare_task() -> None:
    """Find what is wrong with the structure of each organization that changed."""
    # Of all organizations; each page asks for its own viewer again.
    viewer = Viewer(sees_inventory=True)
    for connection in Connection.objects.order_by("pk"):
        try:
            prepare_findings(viewer, connection=connection)
        except SoftTimeLimitExceeded:
            log.warning("the structure findings of %s took too long", connection)
            return
