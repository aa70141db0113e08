"""Celery's edge of posture: what is worked out before somebody asks."""

import logging
from datetime import datetime

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from governance.jobs.refreshing import refreshing_task
from governance.posture.findings.dispatch import FIND
from governance.posture.findings.structure import prepare_findings
from governance.posture.trust.dispatch import REFRESH
from governance.posture.trust.refreshing import find_trust, refresh_trust
from inventory.models import Connection
from inventory.viewing import Viewer

log = logging.getLogger(__name__)

PREPARE = "posture.prepare"
_LIMIT = 300
# 10,000 accounts that were never worked out before.
_TRUST_LIMIT = 1800
# Of all organizations; each page asks for its own viewer again.
_VIEWER = Viewer(sees_inventory=True)


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
    for connection in Connection.objects.order_by("pk"):
        try:
            prepare_findings(_VIEWER, connection=connection)
        except SoftTimeLimitExceeded:
            log.warning("the structure findings of %s took too long", connection)
            return


@shared_task(
    name=FIND,
    acks_late=False,
    ignore_result=True,
    expires=600,
    soft_time_limit=_LIMIT,
    time_limit=_LIMIT + 30,
)
def find_task(connection_id: int, as_of: str | None) -> None:
    """Find what is or was wrong with the structure of one organization."""
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is None:
        return
    moment = datetime.fromisoformat(as_of) if as_of else None
    try:
        prepare_findings(_VIEWER, connection=connection, as_of=moment)
    except SoftTimeLimitExceeded:
        log.warning("the structure findings of %s at %s took too long", connection, as_of or "now")


@refreshing_task(name=REFRESH, seconds=_TRUST_LIMIT)
def refresh_trust_task(connection: Connection) -> None:
    """Bring edges of trust up to what is collected."""
    now = timezone.now()
    refreshed = refresh_trust(connection, now=now)
    find_trust(connection, now=now, moment=refreshed.moment)
