"""What the frame of every page says of an organization: how fresh it is, and what waits for whom.

Both are counted over all accounts, requests and findings. So they are kept for a few seconds for
each person, and forgotten when that person changes something (`frame_cache.forget`).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.grants import grants_of
from governance.access.owners.acting import ActingPerson
from governance.access.owners.deciding import waiting_for
from governance.access.viewers import holds, holds_within
from governance.changes.life.selectors import waiting_count
from governance.inbox.selectors import open_count
from governance.web.parts import frame_cache
from governance.web.parts.known_accounts import known_accounts
from inventory.models import Connection
from inventory.selectors.connections import latest_whole_run, stale_after
from inventory.selectors.coverage import Knowledge
from inventory.viewing import Viewer

_ORGANIZATION_WORDS: Final[dict[str, str]] = {
    Knowledge.PARTIAL: "organization incomplete",
    Knowledge.DENIED: "organization denied",
    Knowledge.FAILED: "organization not read",
}


@dataclass(frozen=True, slots=True)
class FrameFreshness:
    """How much is known and since when. `at`: end of the newest whole run, None before it.

    `organization`: how well the organization's own collectors read, a `Knowledge`.
    """

    state: str
    at: datetime | None
    collected: int
    accounts: int
    organization: str = Knowledge.COLLECTED

    @property
    def organization_words(self) -> str:
        """What to say of the organization's own part; empty where it was read."""
        return _ORGANIZATION_WORDS.get(self.organization, "")


def freshness(
    request: HttpRequest, viewer: Viewer, connection: Connection, now: datetime
) -> FrameFreshness:
    """Judge an organization's inventory as a whole, in three queries or from what was read."""
    run = latest_whole_run(viewer, connection=connection)
    if run is None:
        return FrameFreshness("unknown", None, 0, 0)
    coverage = known_accounts(request, viewer, connection=connection, now=now)
    at = run.finished_at or run.started_at
    if at is not None and now - at > stale_after(connection):
        state = "stale"
    elif (
        coverage.collected + coverage.skipped < coverage.accounts
        or coverage.organization.knowledge in _ORGANIZATION_WORDS
    ):
        state = "partial"
    else:
        state = "collected"
    return FrameFreshness(
        state,
        at,
        coverage.collected,
        coverage.accounts - coverage.skipped,
        coverage.organization.knowledge,
    )


@dataclass(frozen=True, slots=True)
class FrameFigures:
    """`freshness`: None without an organization. `waiting`: by the key of the entry."""

    freshness: FrameFreshness | None = None
    waiting: Mapping[str, int] = field(default_factory=dict)


def frame_figures(
    request: HttpRequest, viewer: Viewer, connection: Connection | None
) -> FrameFigures:
    """Return what the frame says to whoever sent the request, a few seconds old at most."""
    user = request.user
    if connection is None or not isinstance(user, User) or not settings.FRAME_SECONDS:
        return _read_figures(request, viewer, connection)
    place = " ".join((str(connection.pk), *held_grants(user)))
    held = frame_cache.held_for(request)
    if held.get("place") == place:
        return _held_figures(held)
    found = _read_figures(request, viewer, connection)
    frame_cache.hold(request, {"place": place, **asdict(found)})
    return found


def held_grants(user: User) -> tuple[str, ...]:
    """Say what somebody's rights follow from: what is worked out for them may change with it."""
    return tuple(f"{one.role}:{one.connection_id}:{one.target_id}" for one in grants_of(user))


def _held_figures(kept: Mapping[str, Any]) -> FrameFigures:
    known = kept["freshness"]
    at = known["at"] and datetime.fromisoformat(known["at"])
    return FrameFigures(FrameFreshness(**{**known, "at": at}), kept["waiting"])


def _read_figures(
    request: HttpRequest, viewer: Viewer, connection: Connection | None
) -> FrameFigures:
    known = freshness(request, viewer, connection, timezone.now()) if connection else None
    return FrameFigures(known, waiting_counts(request, viewer, connection))


def waiting_counts(
    request: HttpRequest, viewer: Viewer, connection: Connection | None
) -> dict[str, int]:
    """Count what waits for this person, by the key of the entry; one query for each."""
    user = request.user
    if not isinstance(user, User):
        return {}
    counts = {}
    if holds(user, rights.CONFIRM_OWNERS):
        counts["grants"] = len(
            waiting_for(ActingPerson(user, actor_of(request)), now=timezone.now())
        )
    if connection is not None and holds_within(user, rights.VIEW_CHANGES, connection=connection):
        counts["changes"] = waiting_count(viewer, user=user, connection=connection)
    if connection is not None and holds_within(user, rights.VIEW_FINDINGS, connection=connection):
        counts["findings"] = open_count(viewer, connection=connection)
    return {key: count for key, count in counts.items() if count}
