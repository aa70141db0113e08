"""Submitting a request to be checked, taking it back, and letting it expire."""

from datetime import datetime

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson, MayNot
from governance.audit import actions
from governance.audit.actors import Actor
from governance.changes.life.dispatch import send_check
from governance.changes.life.reviews import void_reviews
from governance.changes.life.touched import require_proposing, touched_by
from governance.changes.life.transitions import (
    CannotChangeRequest,
    WrongState,
    locked_request,
    transition,
)
from governance.changes.models import ChangeRequest
from governance.changes.states import TRANSITIONS, ChangeState

_BY_WAY_OF_DRAFT = frozenset({ChangeState.CHECKS_FAILED, ChangeState.CHANGES_REQUESTED})
_SUBMITTABLE = _BY_WAY_OF_DRAFT | {ChangeState.DRAFT, ChangeState.STALE}
_EXPIRING = frozenset(
    state for state, following in TRANSITIONS.items() if ChangeState.EXPIRED in following
)


class NothingAsked(CannotChangeRequest):
    """A request without an operation is submitted."""


@transaction.atomic
def change_submit(*, by: ActingPerson, change_request_id: int, now: datetime) -> ChangeRequest:
    """Have a draft checked, or again what failed, became stale or is to be reviewed again.

    The check runs in a worker once this transaction commits.

    :raises NothingAsked: it has no operation.
    :raises WrongState: it is past being submitted.
    :raises MayNot: whoever acts may not propose changes where it touches something.
    """
    request = locked_request(change_request_id)
    touched = touched_by(request.connection, request.operations)
    require_proposing(by, request.connection, touched)
    if not request.operations:
        raise NothingAsked("add at least one operation before you submit the change request")
    # What a policy is attached to may be another since the request was written.
    request.object_ids = list(touched.object_ids)
    request.reaching_ids = list(touched.reaching_ids)
    if request.state not in _SUBMITTABLE:
        label = ChangeState(request.state).label.lower()
        raise WrongState(f"the change request is {label}: there is nothing to submit")
    if request.state in _BY_WAY_OF_DRAFT:
        transition(request, ChangeState.DRAFT, actor=by.actor, now=now, reason="submitted again")
    request.submitted_at = now
    request.plan_sha256 = ""
    transition(request, ChangeState.CHECKING, actor=by.actor, now=now, action=actions.CHANGE_SUBMIT)
    void_reviews(request, reason="the change request was submitted again", now=now)
    send_check(request.pk)
    return request


@transaction.atomic
def change_withdraw(
    *, by: ActingPerson, change_request_id: int, reason: str = "", now: datetime
) -> ChangeRequest:
    """Take a request back for good: its author, or security for an author who cannot.

    :raises MayNot: somebody else's, and whoever acts may not override findings.
    :raises WrongState: it is being applied, or it is closed.
    """
    request = locked_request(change_request_id)
    if request.author_id != by.user.pk and not by.may(rights.OVERRIDE_CHANGE, request.connection):
        raise MayNot("only its author and security can withdraw a change request")
    request.scheduled_for = None
    return transition(
        request,
        ChangeState.WITHDRAWN,
        actor=by.actor,
        now=now,
        reason=reason,
        action=actions.CHANGE_WITHDRAW,
    )


def changes_expire(*, actor: Actor, now: datetime) -> int:
    """Close the requests whose time is over; return how many."""
    due = ChangeRequest.objects.filter(state__in=_EXPIRING, expires_at__lte=now)
    expired = 0
    for key in due.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            request = locked_request(key)
            # Somebody may have acted while others were closed.
            over = request.expires_at is not None and request.expires_at <= now
            if over and request.state in _EXPIRING:
                transition(
                    request,
                    ChangeState.EXPIRED,
                    actor=actor,
                    now=now,
                    reason="nobody finished it in time",
                )
                expired += 1
    return expired
