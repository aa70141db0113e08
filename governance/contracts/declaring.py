"""Declaring a contract and editing it, by somebody who may where it lets in."""

from datetime import datetime
from functools import partial

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.approvals.agreements.changing import (
    State,
    WrongAgreementState,
    agreement_record,
    locked_agreement,
    next_number,
)
from governance.approvals.agreements.deciding import agreement_edited, require_editable
from governance.audit import actions
from governance.contracts.approving import contract_standing, targets_of
from governance.contracts.directory import ContractDirectory
from governance.contracts.kind import CONTRACT
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
    :raises WrongAgreementState: what it replaces is not active.
    """
    known = directory or ContractDirectory(connection)
    target_ids = require_declaring(by, connection, terms, known)
    if replaces is not None and replaces.state != State.ACTIVE:
        raise WrongAgreementState(f"{replaces} is not active: there is nothing to replace")
    made = TrustContract(
        connection=connection,
        number=next_number(CONTRACT, connection),
        state=State.DRAFT,
        declared_by=by.user,
        declared_at=now,
        updated_at=now,
        replaces=replaces,
    )
    _fill(made, terms, target_ids)
    made.save()
    _keep_version(made, by, now)
    agreement_record(
        CONTRACT,
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

    :raises WrongAgreementState: it is active or over; declare another one in its place.
    :raises AgreementMoved: see there.
    :raises MayNot: they may not declare contracts where it lets in, or let in so far.
    """
    contract = locked_agreement(CONTRACT, contract_id)
    known = directory or ContractDirectory(contract.connection)
    require_editable(contract, version=version, instead="declare another one in its place")
    require_declaring(by, contract.connection, contract.terms, known)
    target_ids = require_declaring(by, contract.connection, terms, known)
    was = contract.terms
    if terms == was:
        return contract
    contract.version += 1
    contract.updated_at = now
    _fill(contract, terms, target_ids)
    _keep_version(contract, by, now)
    return agreement_edited(
        CONTRACT,
        contract,
        by=by,
        was=was.as_json(),
        terms=terms.as_json(),
        standing=partial(contract_standing, contract, now=now, directory=known),
        now=now,
    )


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
