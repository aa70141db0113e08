"""Whether evidence still speaks of the organization as it is known now."""

from datetime import datetime, timedelta

from django.conf import settings

from governance.changes.evidence.collected import EVERYTHING
from governance.changes.models import ChangeRequest
from inventory.models import InventoryRun
from inventory.selectors.connections import latest_whole_run


def evidence_outdated(change_request: ChangeRequest, now: datetime) -> str:
    """Say why evidence has to be made again before a request is applied; empty: it holds.

    It does not hold when it is too old, or when a complete run has read the organization since.
    """
    evidence = change_request.evidence
    oldest = now - timedelta(hours=settings.CHANGES_EVIDENCE_HOURS)
    if evidence is None or evidence.made_at < oldest:
        return f"the evidence is older than {settings.CHANGES_EVIDENCE_HOURS} hours"
    run = latest_whole_run(EVERYTHING, connection=change_request.connection)
    if run is not None and (evidence.as_of is None or evidence.as_of < _moment(run)):
        return f"the evidence is older than inventory run {run.pk}"
    return ""


def _moment(run: InventoryRun) -> datetime:
    return run.started_at or run.requested_at
