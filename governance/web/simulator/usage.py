"""What a draft would have done to recorded usage, as a part of its page."""

from datetime import datetime
from typing import Any

from django.conf import settings

from governance.edits.draft import DraftedOrganization
from governance.usage.recorded import is_quick_replay, replay_recorded
from governance.web.parts.replayed_usage import shown_usage
from governance.web.parts.targets import page_href
from inventory.models import Connection
from inventory.viewing import Viewer


def usage_context(
    viewer: Viewer,
    *,
    connection: Connection,
    drafted: DraftedOrganization,
    now: datetime,
    replays_many: bool,
) -> dict[str, Any]:
    """Return what `simulator/usage.html` shows.

    `replays_many`: whether many different uses are replayed, too, which takes some seconds; else
    `usage` is None where there are many.
    """
    days = settings.USAGE_REPLAY_DAYS
    where: dict[str, Any] = {"connection": connection, "now": now, "days": days}
    if not replays_many and not is_quick_replay(viewer, **where):
        return {"usage": None, "usage_days": days}
    names = drafted.shown.names

    def account_of(account_id: str) -> tuple[str, str]:
        name = names.get(account_id)
        if name is None:
            return account_id, ""
        return name.name, page_href(connection.slug, account_id)

    found = replay_recorded(viewer, states=drafted, **where)
    return {"usage": shown_usage(found.result, account_of), "usage_days": days}
