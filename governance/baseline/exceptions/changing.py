"""The only way from one state of an exception into another, and what it is refused for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.dispatch import Signal

from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record
from governance.baseline.exceptions.models import GuardrailException

State = GuardrailException.State

TRANSITIONS: Final[Mapping[State, frozenset[State]]] = {
    State.DRAFT: frozenset({State.PROPOSED, State.WITHDRAWN}),
    State.PROPOSED: frozenset({State.DRAFT, State.ACTIVE, State.REJECTED, State.WITHDRAWN}),
    State.ACTIVE: frozenset({State.ENDED}),
    State.REJECTED: frozenset({State.DRAFT, State.WITHDRAWN}),
    State.WITHDRAWN: frozenset(),
    State.ENDED: frozenset(),
}
EDITABLE: Final = frozenset({State.DRAFT, State.PROPOSED, State.REJECTED})

# An exception came from one state into another. Sent by `GuardrailException` with `exception`,
# whose row is locked, `was`, `to`, `actor` and `now`, in the transaction of the change.
exception_state_changed = Signal()


class CannotChangeException(Exception):
    """An exception cannot be changed so; the message says why and what to do."""


class NoSuchException(CannotChangeException):
    """There is no such exception."""


class ExceptionState(CannotChangeException):
    """The exception is in a state from which this does not lead on."""


class ExceptionMoved(CannotChangeException):
    """Somebody else changed the exception in between."""


def locked_exception(exception_id: int) -> GuardrailException:
    """Return an exception with its row locked; call it inside `transaction.atomic`.

    :raises NoSuchException: see there.
    """
    found = (
        GuardrailException.objects.select_for_update(of=("self",))
        .select_related("connection", "asked_by", "owner")
        .filter(pk=exception_id)
        .first()
    )
    if found is None:
        raise NoSuchException("there is no such exception")
    return found


def exception_transition(
    exception: GuardrailException,
    to: State,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    action: str = actions.EXCEPTION_STATE,
) -> GuardrailException:
    """Bring an exception that `locked_exception` returned into another state, and record it.

    :raises ExceptionState: there is no way from its state to that one.
    """
    was = State(exception.state)
    if to not in TRANSITIONS[was]:
        raise ExceptionState(f"{exception} is {was.label.lower()}: it cannot become {to.label}")
    exception.state = to
    exception.updated_at = now
    if to is State.PROPOSED:
        exception.proposed_at = now
    if to in (State.ACTIVE, State.REJECTED):
        exception.decided_at = now
    if to in (State.ENDED, State.WITHDRAWN):
        exception.ended_at = now
        exception.end_reason = reason[:500]
    if to is not State.PROPOSED:
        exception.waiting_for = []
    exception.save()
    exception_record(
        exception,
        actor=actor,
        action=action,
        now=now,
        before={"state": was.value},
        after={"state": to.value, **({"reason": reason} if reason else {})},
    )
    exception_state_changed.send(
        sender=GuardrailException, exception=exception, was=was, to=to, actor=actor, now=now
    )
    return exception


def exception_record(
    exception: GuardrailException,
    *,
    actor: Actor,
    action: str,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write an audit entry about an exception, in the caller's transaction."""
    audit_record(
        actor=actor,
        action=action,
        object_kind="guardrail_exception",
        object_id=str(exception.number),
        object_name=f"{exception} {exception.guardrail_id}"[:200],
        connection_id=exception.connection_id,
        before=before,
        after=after,
        now=now,
    )
