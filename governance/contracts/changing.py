"""The only way from one state of a contract into another, and what it is refused for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.dispatch import Signal

from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record
from governance.contracts.models import TrustContract

State = TrustContract.State

TRANSITIONS: Final[Mapping[State, frozenset[State]]] = {
    State.DRAFT: frozenset({State.PROPOSED, State.WITHDRAWN}),
    State.PROPOSED: frozenset({State.DRAFT, State.ACTIVE, State.REJECTED, State.WITHDRAWN}),
    State.ACTIVE: frozenset({State.ENDED}),
    State.REJECTED: frozenset({State.DRAFT, State.WITHDRAWN}),
    State.WITHDRAWN: frozenset(),
    State.ENDED: frozenset(),
}
EDITABLE: Final = frozenset({State.DRAFT, State.PROPOSED, State.REJECTED})

# A contract came from one state into another. Sent by `TrustContract` with `contract`, whose row is
# locked, `was`, `to`, `actor` and `now`, in the transaction of the change.
contract_state_changed = Signal()


class CannotChangeContract(Exception):
    """A contract cannot be changed so; the message says why and what to do."""


class NoSuchContract(CannotChangeContract):
    """There is no such contract."""


class ContractState(CannotChangeContract):
    """The contract is in a state from which this does not lead on."""


class ContractMoved(CannotChangeContract):
    """Somebody else changed the contract in between."""


def locked_contract(contract_id: int) -> TrustContract:
    """Return a contract with its row locked; call it inside `transaction.atomic`.

    :raises NoSuchContract: see there.
    """
    found = (
        TrustContract.objects.select_for_update(of=("self",))
        .select_related("connection", "declared_by", "replaces")
        .filter(pk=contract_id)
        .first()
    )
    if found is None:
        raise NoSuchContract("there is no such contract")
    return found


def contract_transition(
    contract: TrustContract,
    to: State,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    action: str = actions.CONTRACT_STATE,
) -> TrustContract:
    """Bring a contract that `locked_contract` returned into another state, and record it.

    :raises ContractState: there is no way from its state to that one.
    """
    was = State(contract.state)
    if to not in TRANSITIONS[was]:
        raise ContractState(f"{contract} is {was.label.lower()}: it cannot become {to.label}")
    contract.state = to
    contract.updated_at = now
    if to is State.PROPOSED:
        contract.proposed_at = now
    if to in (State.ACTIVE, State.REJECTED):
        contract.decided_at = now
    if to in (State.ENDED, State.WITHDRAWN):
        contract.ended_at = now
        contract.end_reason = reason[:500]
    if to is not State.PROPOSED:
        contract.waiting_for = []
    contract.save()
    contract_record(
        contract,
        actor=actor,
        action=action,
        now=now,
        before={"state": was.value},
        after={"state": to.value, **({"reason": reason} if reason else {})},
    )
    contract_state_changed.send(
        sender=TrustContract, contract=contract, was=was, to=to, actor=actor, now=now
    )
    return contract


def contract_record(
    contract: TrustContract,
    *,
    actor: Actor,
    action: str,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write an audit entry about a contract, in the caller's transaction."""
    audit_record(
        actor=actor,
        action=action,
        object_kind="trust_contract",
        object_id=str(contract.number),
        object_name=contract.purpose[:200],
        connection_id=contract.connection_id,
        before=before,
        after=after,
        now=now,
    )
