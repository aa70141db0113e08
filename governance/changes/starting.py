"""Starting rollouts: by a person now, or by the clock at the time that was set."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import transaction

from governance.access.actors import system_actor
from governance.access.owners.acting import ActingPerson
from governance.changes.evidence.live_reads import LiveReader
from governance.changes.evidence.outdated import evidence_outdated
from governance.changes.life.dispatch import send_recheck
from governance.changes.life.rechecking import change_recheck
from governance.changes.life.scheduling import require_applying
from governance.changes.life.transitions import (
    CannotChangeRequest,
    WrongState,
    locked_request,
)
from governance.changes.models import ChangeRequest, Rollout
from governance.changes.rollout.services import rollout_start
from governance.changes.states import ChangeState
from governance.changes.windows.deciding import ApplyOpening, may_apply_at

log = logging.getLogger(__name__)

STARTER = system_actor("schedule of change requests")
STARTABLE: Final = frozenset({ChangeState.APPROVED, ChangeState.SCHEDULED})


class CannotStart(CannotChangeRequest):
    """A window is closed, or the evidence is outdated; the message says until when."""


def change_start(*, by: ActingPerson, change_request_id: int, now: datetime) -> Rollout:
    """Begin to apply an approved request now.

    The caller asks for a session and, where the request needs it, for a fresh proof.

    :raises CannotStart: see there; outdated evidence is made again.
    :raises MayNot: whoever acts may not apply changes there.
    :raises CannotChangeRequest: see `rollout_start`.
    """
    with transaction.atomic():
        request = locked_request(change_request_id)
        require_applying(by, request)
        _check_state(request)
        _check_opening(request, now)
        outdated = evidence_outdated(request, now)
        if not outdated:
            return rollout_start(actor=by.actor, change_request_id=change_request_id, now=now)
        # Outside of what an error takes back.
    send_recheck(change_request_id)
    raise CannotStart(f"{outdated}: it is made anew. Start again in a minute, if it still holds")


def changes_start_due(*, clock: Callable[[], datetime], live: LiveReader | None = None) -> int:
    """Start the scheduled requests whose time has come; return how many started.

    One whose windows are closed waits for them; one whose evidence is outdated is rechecked first.
    What cannot start says why in its `state_reason`, and is tried again. `live`: see
    `change_check`.
    """
    due = ChangeRequest.objects.filter(
        state=ChangeState.SCHEDULED,
        applied=ChangeRequest.Applied.HERE,
        scheduled_for__lte=clock(),
    )
    keys = list(due.order_by("scheduled_for", "pk").values_list("pk", flat=True))
    return sum(_start(key, clock, live) for key in keys)


def opening_of(change_request: ChangeRequest, now: datetime) -> ApplyOpening:
    """Return whether windows and freezes let a request be applied now."""
    return may_apply_at(change_request.connection, change_request.touched_target_ids, now)


def _check_state(request: ChangeRequest) -> None:
    if request.state not in STARTABLE:
        label = ChangeState(request.state).label.lower()
        raise WrongState(f"the change request is {label}, not approved")


def _check_opening(request: ChangeRequest, now: datetime) -> None:
    opening = opening_of(request, now)
    if not opening.may:
        then = opening.next_opening
        words = "" if then is None else f"; it may start on {then:%Y-%m-%d %H:%M} UTC"
        raise CannotStart(f"{opening.reason}{words}")


def _start(change_request_id: int, clock: Callable[[], datetime], live: LiveReader | None) -> bool:
    now = clock()
    try:
        with transaction.atomic():
            request = locked_request(change_request_id)
            if request.state != ChangeState.SCHEDULED:
                return False
            _check_opening(request, now)
            if not evidence_outdated(request, now):
                rollout_start(actor=STARTER, change_request_id=change_request_id, now=now)
                return True
        change_recheck(change_request_id=change_request_id, clock=clock, live=live)
    except CannotChangeRequest as error:
        _note(change_request_id, str(error))
    except Exception:
        # One request must not keep the others from starting.
        log.exception("change request %s could not be started", change_request_id)
    return False


@transaction.atomic
def _note(change_request_id: int, reason: str) -> None:
    request = locked_request(change_request_id)
    if request.state == ChangeState.SCHEDULED and request.state_reason != reason:
        request.state_reason = reason
        request.save(update_fields=["state_reason"])
