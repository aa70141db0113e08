"""When an approved request is applied: at a time that somebody sets, or not yet."""

from datetime import datetime

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.audit import actions
from governance.changes.life.touched import TouchedObjects, require_right_at
from governance.changes.life.transitions import (
    CannotChangeRequest,
    WrongState,
    locked_request,
    transition,
)
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState


class CannotSchedule(CannotChangeRequest):
    """The time does not fit, or there is nothing that Orgwarden would apply."""


@transaction.atomic
def change_schedule(
    *, by: ActingPerson, change_request_id: int, scheduled_for: datetime, now: datetime
) -> ChangeRequest:
    """Have an approved request applied at a time to come; a scheduled one at another time.

    :raises CannotSchedule: see there.
    :raises WrongState: it is not approved.
    :raises MayNot: whoever acts may not apply changes there.
    """
    request = locked_request(change_request_id)
    require_applying(by, request)
    if request.applied != ChangeRequest.Applied.HERE:
        raise CannotSchedule("it is applied elsewhere: hand it out instead")
    if scheduled_for <= now:
        raise CannotSchedule("give a time to come")
    if request.expires_at is not None and scheduled_for >= request.expires_at:
        raise CannotSchedule(
            f"its approval ends on {request.expires_at:%Y-%m-%d %H:%M} UTC: give a time before that"
        )
    if request.state == ChangeState.SCHEDULED:
        transition(request, ChangeState.APPROVED, actor=by.actor, now=now, reason="scheduled anew")
    request.scheduled_for = scheduled_for
    return transition(
        request,
        ChangeState.SCHEDULED,
        actor=by.actor,
        now=now,
        reason=f"for {scheduled_for:%Y-%m-%d %H:%M} UTC",
        action=actions.CHANGE_SCHEDULE,
    )


@transaction.atomic
def change_unschedule(*, by: ActingPerson, change_request_id: int, now: datetime) -> ChangeRequest:
    """Take the time from a scheduled request; it stays approved.

    :raises WrongState: it is not scheduled.
    :raises MayNot: whoever acts may not apply changes there.
    """
    request = locked_request(change_request_id)
    require_applying(by, request)
    # The diagram leads to APPROVED from a review as well.
    if request.state != ChangeState.SCHEDULED:
        label = ChangeState(request.state).label.lower()
        raise WrongState(f"the change request is {label}, not scheduled")
    request.scheduled_for = None
    return transition(
        request, ChangeState.APPROVED, actor=by.actor, now=now, reason="no time set any more"
    )


def require_applying(by: ActingPerson, change_request: ChangeRequest) -> None:
    """Check that somebody may apply a request: wherever it touches something.

    :raises MayNot: the right is missing at one of the places.
    """
    require_acting(by, rights.APPLY_CHANGE, change_request)


def require_acting(by: ActingPerson, right: str, change_request: ChangeRequest) -> None:
    """Check a right wherever a request touches something.

    :raises MayNot: it is missing at one of the places.
    """
    touched = TouchedObjects((), (), change_request.touched_target_ids)
    require_right_at(by, right, change_request.connection, touched)
