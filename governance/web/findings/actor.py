"""Who caused a finding, from where and by what; or why that is not known."""

from datetime import timedelta
from typing import Final

from governance.drift.explaining import NO_LOG_SOURCE, unexplained_words
from governance.drift.logged_events import write_of_resource
from governance.inbox.models import InboxItem
from governance.web.findings.frame import FindingScreen
from governance.web.findings.rows import unexplained_of
from governance.web.parts.actors import LoggedActor, actor_of
from inventory.selectors.logs import LogHealthState, log_health

# Of what was found on a day, the cause may lie so long before.
_LOOKED_BACK: Final = timedelta(days=2)


def trust_actor(page: FindingScreen, item: InboxItem) -> LoggedActor | None:
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
