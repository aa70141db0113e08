"""Proposing, reviewing, withdrawing and ending contracts."""

from datetime import datetime
from functools import partial

from django.db import transaction

from governance.access.owners.acting import ActingPerson
from governance.approvals.agreements.changing import State, agreement_transition, locked_agreement
from governance.approvals.agreements.deciding import (
    agreement_end,
    agreement_propose,
    agreement_review,
    agreement_withdraw,
    require_submittable,
)
from governance.approvals.models import Review, ReviewVerdict
from governance.contracts.approving import contract_standing
from governance.contracts.declaring import require_declaring
from governance.contracts.directory import ContractDirectory
from governance.contracts.kind import CONTRACT
from governance.contracts.models import TrustContract


@transaction.atomic
def contract_submit(*, by: ActingPerson, contract_id: int, now: datetime) -> TrustContract:
    """Have a draft reviewed by owners of what it lets into.

    :raises WrongAgreementState: it is no draft, or its last day is past.
    :raises MayNot: they may not declare contracts where it lets in.
    """
    contract = locked_agreement(CONTRACT, contract_id)
    directory = ContractDirectory(contract.connection)
    contract.target_ids = require_declaring(by, contract.connection, contract.terms, directory)
    require_submittable(contract, now=now)
    standing = contract_standing(contract, now=now, directory=directory)
    return agreement_propose(CONTRACT, contract, by=by, standing=standing, now=now)


@transaction.atomic
def contract_review(
    *,
    by: ActingPerson,
    contract_id: int,
    verdict: str,
    body: str,
    digest: str,
    stepped_up_at: datetime | None,
    now: datetime,
) -> Review:
    """Say what somebody thinks of a contract; one that becomes active ends what it replaces.

    Arguments and errors: see `governance.approvals.agreements.deciding.agreement_review`.
    """
    contract = locked_agreement(CONTRACT, contract_id)
    directory = ContractDirectory(contract.connection)
    review = agreement_review(
        CONTRACT,
        contract,
        by=by,
        verdict=verdict,
        body=body,
        digest=digest,
        stepped_up_at=stepped_up_at,
        standing=partial(contract_standing, contract, now=now, directory=directory),
        now=now,
    )
    if review.verdict == ReviewVerdict.APPROVE and contract.state == State.ACTIVE:
        _end_replaced(contract, by, now)
    return review


def _end_replaced(contract: TrustContract, by: ActingPerson, now: datetime) -> None:
    if contract.replaces is None:
        return
    earlier = locked_agreement(CONTRACT, contract.replaces.pk)
    if earlier.state == State.ACTIVE:
        reason = f"replaced by {contract}"
        agreement_transition(CONTRACT, earlier, State.ENDED, actor=by.actor, now=now, reason=reason)


@transaction.atomic
def contract_withdraw(
    *, by: ActingPerson, contract_id: int, reason: str = "", now: datetime
) -> TrustContract:
    """Take a contract back that is not active: whoever declared it, or may declare one there.

    :raises WrongAgreementState: it is active or over.
    :raises MayNot: see there.
    """
    contract = locked_agreement(CONTRACT, contract_id)
    if contract.declared_by_id != by.user.pk:
        require_declaring(
            by, contract.connection, contract.terms, ContractDirectory(contract.connection)
        )
    return agreement_withdraw(CONTRACT, contract, by=by, reason=reason, now=now)


@transaction.atomic
def contract_end(
    *, by: ActingPerson, contract_id: int, reason: str, now: datetime
) -> TrustContract:
    """End an active contract before its day: who may declare or approve contracts there.

    :raises WrongAgreementState: it is not active, or no reason is given.
    :raises MayNot: see there.
    """
    contract = locked_agreement(CONTRACT, contract_id)
    return agreement_end(CONTRACT, contract, by=by, reason=reason, now=now)
