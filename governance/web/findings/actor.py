"""Who caused a finding, from where and by what; or why that is not known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.dateparse import parse_datetime

from governance.drift.explaining import NO_LOG_SOURCE, actor_words, unexplained_words
from governance.drift.logged_events import write_of_resource
from governance.inbox.models import InboxItem
from governance.web.findings.frame import FindingScreen
from governance.web.findings.rows import unexplained_of
from inventory.cloudtrail.origin import SURFACE_LABELS, CallSurface
from inventory.selectors.logs import LogHealthState, log_health

# Of what was found on a day, the cause may lie so long before.
_LOOKED_BACK: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class FindingActor:
    """Who did it. `lines`: what else the event says, label and value."""

    who: str
    at: datetime | None
    lines: tuple[tuple[str, str], ...]


def actor_of(explained_by: Mapping[str, Any]) -> FindingActor:
    """Return a stored explanation as screens show it."""
    surface = str(explained_by.get("surface") or "")
    lines = (
        ("Call", str(explained_by.get("call") or "")),
        ("Principal", str(explained_by.get("principal") or "")),
        ("From", str(explained_by.get("address") or "")),
        ("By", SURFACE_LABELS[CallSurface(surface)] if surface else ""),
        ("Session of", str(explained_by.get("issuer") or "")),
        ("Event", str(explained_by.get("event_id") or "")),
    )
    return FindingActor(
        actor_words(explained_by),
        parse_datetime(str(explained_by.get("at") or "")) if explained_by.get("at") else None,
        tuple((label, value) for label, value in lines if value),
    )


def trust_actor(page: FindingScreen, item: InboxItem) -> FindingActor | None:
    """Return who last decided who gets into a role or resource; None: the logs do not tell."""
    if not item.target_id.startswith("arn:"):
        return None
    found = write_of_resource(
        page.connection, item.target_id, item.account_id, until=item.last_seen_at
    )
    return None if found is None else actor_of(found.as_json())


def unexplained(page: FindingScreen, item: InboxItem) -> dict[str, str]:
    """Say that and why it is not known who did it."""
    words = unexplained_words(page.connection)
    if words == NO_LOG_SOURCE:
        return {"unexplained": words, "unexplained_because": ""}
    day = item.first_seen_at.date()
    health = log_health(
        page.viewer,
        connection=page.connection,
        since=day - _LOOKED_BACK,
        until=day,
        now=page.now,
    )
    because = ""
    if health.state is not LogHealthState.COMPLETE:
        because = f"Logs of the days up to {day} are incomplete."
        words = "Not known"
    return {"unexplained": unexplained_of(item, words), "unexplained_because": because}
