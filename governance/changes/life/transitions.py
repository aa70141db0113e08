"""The only way from one state of a change request into another."""

from datetime import datetime

from django.db import transaction

from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record
from governance.changes.life.signals import state_changed
from governance.changes.life.waiting import waiting_people
from governance.changes.models import ChangeRequest
from governance.changes.states import TRANSITIONS, ChangeState


class CannotChangeRequest(Exception):
    """A change request cannot be changed so; the message says why and what to do."""


class NoSuchChangeRequest(CannotChangeRequest):
    """The request does not exist."""


class WrongState(CannotChangeRequest):
    """The request is in a state from which this does not lead on."""


def locked_request(change_request_id: int) -> ChangeRequest:
    """Return a request with its row locked; call it inside `transaction.atomic`.

    :raises NoSuchChangeRequest: see there.
    """
    found = (
        ChangeRequest.objects.select_for_update(of=("self",))
        .select_related("connection", "author")
        .filter(pk=change_request_id)
        .first()
    )
    if found is None:
        raise NoSuchChangeRequest("there is no such change request")
    return found


@transaction.atomic
def transition(
    change_request: ChangeRequest,
    to: ChangeState,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    action: str = actions.CHANGE_STATE,
) -> ChangeRequest:
    """Bring a request that `locked_request` returned into another state, and record it.

    Whoever follows `state_changed` is told in the same transaction, and may lead it on: read the
    state from what is returned.

    :raises WrongState: the diagram has no way from its state to that one.
    """
    was = ChangeState(change_request.state)
    if to not in TRANSITIONS[was]:
        raise WrongState(f"the change request is {was.label.lower()}: it cannot become {to.label}")
    change_request.state = to
    change_request.state_at = now
    change_request.state_reason = reason
    change_request.updated_at = now
    change_request.waiting_for = waiting_people(change_request)
    change_request.save()
    change_record(
        change_request,
        actor=actor,
        action=action,
        now=now,
        before={"state": was.value},
        after={"state": to.value, **({"reason": reason} if reason else {})},
    )
    state_changed.send(
        sender=ChangeRequest, change_request=change_request, was=was, to=to, actor=actor, now=now
    )
    return change_request


def change_record(
    change_request: ChangeRequest,
    *,
    actor: Actor,
    action: str,
    now: datetime,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> int:
    """Write an audit entry about a request, in the caller's transaction; return its key."""
    entry = audit_record(
        actor=actor,
        action=action,
        object_kind="change_request",
        object_id=str(change_request.number),
        object_name=change_request.title,
        connection_id=change_request.connection_id,
        before=before,
        after=after,
        now=now,
    )
    return int(entry.pk)
