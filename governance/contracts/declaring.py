"""Declaring a contract and editing it, by somebody who may where it lets in."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.audit import actions
from governance.audit.services import changed_fields
from governance.contracts.approving import contract_standing, targets_of, void_contract_reviews
from governance.contracts.changing import (
    EDITABLE,
    ContractMoved,
    ContractState,
    State,
    contract_record,
    contract_transition,
    locked_contract,
)
from governance.contracts.directory import ContractDirectory
from governance.contracts.models import TrustContract, TrustContractVersion
from governance.contracts.terms import ContractTerms
from inventory.models import Connection


@transaction.atomic
def contract_declare(
    *,
    by: ActingPerson,
    connection: Connection,
    terms: ContractTerms,
    now: datetime,
    replaces: TrustContract | None = None,
    directory: ContractDirectory | None = None,
) -> TrustContract:
    """Make a draft that whoever acts has declared. `terms`: as `read_terms` returned them.

    `replaces`: an active contract of the same organization, which ends once this one is active.

    :raises MayNot: they may not declare contracts where it lets in.
    :raises ContractState: what it replaces is not active.
    """
    known = directory or ContractDirectory(connection)
    target_ids = require_declaring(by, connection, terms, known)
    if replaces is not None and replaces.state != State.ACTIVE:
        raise ContractState(f"{replaces} is not active: there is nothing to replace")
    # One contract at a time takes the next number.
    Connection.objects.select_for_update().only("pk").get(pk=connection.pk)
    highest = TrustContract.objects.filter(connection=connection).aggregate(last=Max("number"))
    made = TrustContract(
        connection=connection,
        number=(highest["last"] or 0) + 1,
        state=State.DRAFT,
        declared_by=by.user,
        declared_at=now,
        updated_at=now,
        replaces=replaces,
    )
    _fill(made, terms, target_ids)
    made.save()
    _keep_version(made, by, now)
    contract_record(
        made,
        actor=by.actor,
        action=actions.CONTRACT_DECLARE,
        now=now,
        after={
            **terms.as_json(),
            "digest": made.digest,
            **({"replaces": replaces.number} if replaces else {}),
        },
    )
    return made


@transaction.atomic
def contract_edit(
    *,
    by: ActingPerson,
    contract_id: int,
    terms: ContractTerms,
    now: datetime,
    version: int | None = None,
    directory: ContractDirectory | None = None,
) -> TrustContract:
    """Give a contract other terms: a new version, which voids its reviews.

    `version`: of the contract that was read; None: whatever it is now. Equal terms are no edit.
    One that was rejected becomes a draft again; one that waits for approval goes on waiting.

    :raises ContractState: it is active or over; declare another one in its place.
    :raises ContractMoved: see there.
    :raises MayNot: they may not declare contracts where it lets in, or let in so far.
    """
    contract = locked_contract(contract_id)
    known = directory or ContractDirectory(contract.connection)
    if contract.state not in EDITABLE:
        label = State(contract.state).label.lower()
        raise ContractState(f"{contract} is {label}: declare another one in its place")
    if version is not None and version != contract.version:
        raise ContractMoved(
            f"{contract} was edited after you opened it (version {contract.version} instead of "
            f"{version}): read it again"
        )
    require_declaring(by, contract.connection, contract.terms, known)
    target_ids = require_declaring(by, contract.connection, terms, known)
    was = contract.terms
    if terms == was:
        return contract
    contract.version += 1
    contract.updated_at = now
    _fill(contract, terms, target_ids)
    _keep_version(contract, by, now)
    before, after = changed_fields(was.as_json(), terms.as_json())
    contract_record(
        contract,
        actor=by.actor,
        action=actions.CONTRACT_EDIT,
        now=now,
        before=before,
        after={**after, "version": contract.version, "digest": contract.digest},
    )
    void_contract_reviews(contract, reason="the contract was edited", now=now)
    if contract.state == State.REJECTED:
        return contract_transition(contract, State.DRAFT, actor=by.actor, now=now, reason="edited")
    if contract.state == State.PROPOSED:
        found = contract_standing(contract, now=now, directory=known)
        contract.waiting_for = found.waiting_for
    contract.save()
    return contract


def require_declaring(
    by: ActingPerson, connection: Connection, terms: ContractTerms, directory: ContractDirectory
) -> list[str]:
    """Return the targets of a contract, each checked for the right to declare contracts there.

    :raises MayNot: it is missing at one of them.
    """
    target_ids = targets_of(terms, directory)
    by.require_at_all(rights.DECLARE_CONTRACT, connection, directory.tree, target_ids)
    return target_ids


def _fill(contract: TrustContract, terms: ContractTerms, target_ids: list[str]) -> None:
    contract.source = terms.source.as_json()
    contract.target = terms.target.as_json()
    contract.actions = list(terms.actions)
    contract.guards = [guard.value for guard in terms.guards]
    contract.purpose = terms.purpose
    contract.until = terms.until
    contract.digest = terms.digest
    contract.target_ids = target_ids


def _keep_version(contract: TrustContract, by: ActingPerson, now: datetime) -> None:
    TrustContractVersion.objects.create(
        contract=contract,
        version=contract.version,
        terms=contract.terms.as_json(),
        digest=contract.digest,
        made_by=by.user,
        made_at=now,
    )
