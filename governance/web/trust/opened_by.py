"""Who opened an edge or changed it, from CloudTrail; or why that is not known."""

from dataclasses import dataclass
from datetime import datetime

from governance.drift.explaining import unexplained_words
from governance.drift.logged_events import write_of_resource
from governance.posture.trust.models import TrustEdge
from governance.web.parts.actors import LoggedActor, actor_of
from governance.web.parts.pages import ConnectionPage
from inventory.models import InventoryRun


@dataclass(frozen=True, slots=True)
class EdgeActor:
    """Who wrote what an edge follows from. `actor` None: `unexplained` says why.

    `is_long_known`: already there in the first run, so that the write may be from long before.
    """

    actor: LoggedActor | None
    unexplained: str = ""
    is_long_known: bool = False


def edge_actor(page: ConnectionPage, edge: TrustEdge, at: datetime) -> EdgeActor:
    """Return who made the write that the run at a time saw: newer than the run before it."""
    before = _run_before(page, at)
    found = write_of_resource(
        page.connection, edge.resource_arn, edge.account_id, until=at, since=before
    )
    if found is None:
        return EdgeActor(None, unexplained_words(page.connection), before is None)
    return EdgeActor(actor_of(found.as_json()), is_long_known=before is None)


def _run_before(page: ConnectionPage, at: datetime) -> datetime | None:
    """Return when the last run before a time began; None: there was none."""
    runs = InventoryRun.objects.filter(connection=page.connection, started_at__lt=at)
    return runs.order_by("-started_at").values_list("started_at", flat=True).first()
