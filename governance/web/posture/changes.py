"""The change requests that Posture tells of: those that wait for somebody, and those under way."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import User
from django.urls import reverse

from governance.changes.life.required import read_required
from governance.changes.life.selectors import change_requests
from governance.changes.models import ChangeRequest
from governance.changes.states import ROLLING, ChangeState
from governance.web.parts.markup import counted
from inventory.models import Connection
from inventory.viewing import Viewer

_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class WaitingChange:
    """A request on Posture. `words`: how it is called, who asks, and how far it reaches."""

    title: str
    words: str
    state: str
    expires_at: datetime | None
    href: str
    is_review: bool


def posture_changes(viewer: Viewer, *, user: User, connection: Connection) -> dict[str, Any]:
    """Return what the two cards show, in four queries."""
    waiting = change_requests(viewer, connection=connection, waiting_for_id=user.pk)
    moving = change_requests(
        viewer, connection=connection, states=sorted({*ROLLING, ChangeState.SCHEDULED})
    )
    return {
        "changes_waiting": [_shown(one, user.pk) for one in waiting[:_SHOWN]],
        "changes_waiting_total": waiting.order_by().count(),
        "changes_moving": [_shown(one, user.pk) for one in moving[:_SHOWN]],
        "changes_moving_total": moving.order_by().count(),
    }


def _shown(asked: ChangeRequest, person_id: int) -> WaitingChange:
    required = read_required(asked.required_approvals)
    accounts = sum(one.account_count for one in required if person_id in one.entitled)
    parts = [f"CR-{asked.number}", asked.author.get_full_name() or asked.author.username]
    if accounts:
        parts.append(counted(accounts, "account,accounts"))
    where = {"slug": asked.connection.slug, "number": asked.number}
    return WaitingChange(
        title=asked.title,
        words=" · ".join(parts),
        state=asked.state,
        expires_at=asked.expires_at,
        href=reverse("change-request", kwargs=where),
        is_review=asked.state == ChangeState.IN_REVIEW,
    )
