"""The only way from one state of an agreement into another, and what it is refused for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import Max

from governance.approvals.agreements.kinds import AgreementKind, AnAgreement
from governance.approvals.agreements.models import AgreementModel
from governance.audit.actors import Actor
from governance.audit.services import audit_record
from inventory.models import Connection

State = AgreementModel.State

TRANSITIONS: Final[Mapping[State, frozenset[State]]] = {
    State.DRAFT: frozenset({State.PROPOSED, State.WITHDRAWN}),
    State.PROPOSED: frozenset({State.DRAFT, State.ACTIVE, State.REJECTED, State.WITHDRAWN}),
    State.ACTIVE: frozenset({State.ENDED}),
    State.REJECTED: frozenset({State.DRAFT, State.WITHDRAWN}),
    State.WITHDRAWN: frozenset(),
    State.ENDED: frozenset(),
}
EDITABLE: Final = frozenset({State.DRAFT, State.PROPOSED, State.REJECTED})


class CannotChangeAgreement(Exception):
    """An agreement cannot be changed so; the message says why and what to do."""


class NoSuchAgreement(CannotChangeAgreement):
    """There is no such agreement."""


class WrongAgreementState(CannotChangeAgreement):
    """The agreement is in a state from which this does not lead on."""


class AgreementMoved(CannotChangeAgreement):
    """Somebody else changed the agreement in between."""


def locked_agreement(kind: AgreementKind[AnAgreement], agreement_id: int) -> AnAgreement:
    """Return an agreement with its row locked; call it inside `transaction.atomic`.

    :raises NoSuchAgreement: see there.
    """
    found = (
        kind.model._default_manager.select_for_update(of=("self",))
        .select_related("connection", *kind.related)
        .filter(pk=agreement_id)
        .first()
    )
    if found is None:
        raise NoSuchAgreement(f"there is no such {kind.noun}")
    return found


def next_number(kind: AgreementKind[AnAgreement], connection: Connection) -> int:
    """Return the number that the next agreement takes; one at a time takes it."""
    Connection.objects.select_for_update().only("pk").get(pk=connection.pk)
    rows = kind.model._default_manager.filter(connection=connection)
    highest: int | None = rows.aggregate(last=Max("number"))["last"]
    return (highest or 0) + 1


def agreement_transition(
    kind: AgreementKind[AnAgreement],
    agreement: AnAgreement,
    to: State,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    action: str = "",
) -> AnAgreement:
    """Bring an agreement that `locked_agreement` returned into another state, and record it.

    `action`: of the audit log; empty: the kind's for a state that changes.

    :raises WrongAgreementState: there is no way from its state to that one.
    """
    was = State(agreement.state)
    if to not in TRANSITIONS[was]:
        raise WrongAgreementState(
            f"{agreement} is {agreement.state_label}: it cannot become {to.label}"
        )
    agreement.state = to
    agreement.updated_at = now
    if to is State.PROPOSED:
        agreement.proposed_at = now
    if to in (State.ACTIVE, State.REJECTED):
        agreement.decided_at = now
    if to in (State.ENDED, State.WITHDRAWN):
        agreement.ended_at = now
        agreement.end_reason = reason[:500]
    if to is not State.PROPOSED:
        agreement.waiting_for = []
    agreement.save()
    agreement_record(
        kind,
        agreement,
        actor=actor,
        action=action or kind.state_action,
        now=now,
        before={"state": was.value},
        after={"state": to.value, **({"reason": reason} if reason else {})},
    )
    kind.state_changed.send(
        sender=kind.model, **{kind.noun: agreement}, was=was, to=to, actor=actor, now=now
    )
    return agreement


def agreement_record(
    kind: AgreementKind[AnAgreement],
    agreement: AnAgreement,
    *,
    actor: Actor,
    action: str,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write an audit entry about an agreement, in the caller's transaction."""
    audit_record(
        actor=actor,
        action=action,
        object_kind=kind.object_kind,
        object_id=str(agreement.number),
        object_name=kind.record_name(agreement)[:200],
        connection_id=agreement.connection_id,
        before=before,
        after=after,
        now=now,
    )
