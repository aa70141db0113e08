"""Proposing, reviewing, withdrawing and ending contracts."""

from datetime import datetime

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson, MayNot
from governance.access.owners.targets import target_tree
from governance.approvals.models import Review, ReviewVerdict
from governance.approvals.reviews import review_give
from governance.audit import actions
from governance.audit.actors import Actor
from governance.contracts.approving import contract_standing, void_contract_reviews
from governance.contracts.changing import (
    ContractState,
    State,
    contract_transition,
    locked_contract,
)
from governance.contracts.declaring import require_declaring
from governance.contracts.directory import ContractDirectory
from governance.contracts.models import TrustContract


@transaction.atomic
def contract_submit(*, by: ActingPerson, contract_id: int, now: datetime) -> TrustContract:
    """Have a draft reviewed by owners of what it lets into.

    :raises ContractState: it is no draft, or its last day is past.
    :raises MayNot: they may not declare contracts where it lets in.
    """
    contract = locked_contract(contract_id)
    directory = ContractDirectory(contract.connection)
    contract.target_ids = require_declaring(by, contract.connection, contract.terms, directory)
    if contract.state != State.DRAFT:
        label = State(contract.state).label.lower()
        raise ContractState(f"{contract} is {label}: there is nothing to submit")
    _require_time_left(contract, now)
    contract.proposed_at = now
    found = contract_standing(contract, now=now, directory=directory)
    contract.waiting_for = found.waiting_for
    return contract_transition(
        contract, State.PROPOSED, actor=by.actor, now=now, action=actions.CONTRACT_SUBMIT
    )


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
    """Say what somebody thinks of the version they were shown; the last one needed activates it.

    `digest`: of the version on the reviewer's page. `stepped_up_at`: when they confirmed last who
    they are, if that is fresh. One who is entitled and rejects it closes it; one who requests
    changes makes it a draft again.

    :raises ContractState: a verdict other than a comment, and it does not wait for approval, or its
        last day is past.
    :raises ReviewRefused: see `governance.approvals.reviews.review_give`.
    """
    contract = locked_contract(contract_id)
    if contract.state != State.PROPOSED and verdict != ReviewVerdict.COMMENT:
        label = State(contract.state).label.lower()
        raise ContractState(f"{contract} is {label}, not waiting for approval")
    if verdict == ReviewVerdict.APPROVE:
        _require_time_left(contract, now)
    directory = ContractDirectory(contract.connection)
    # Read anew: rights, owners and deputies may be others than when it was proposed.
    before = contract_standing(contract, now=now, directory=directory)
    review = review_give(
        actor=by.actor,
        user=by.user,
        subject=before.subject,
        verdict=verdict,
        body=body,
        digest=digest,
        stepped_up_at=stepped_up_at,
        session=by.actor.session,
        now=now,
    )
    if contract.state == State.PROPOSED and verdict != ReviewVerdict.COMMENT:
        _lead_on(contract, review, by, directory, now)
    return review


def _lead_on(
    contract: TrustContract,
    review: Review,
    by: ActingPerson,
    directory: ContractDirectory,
    now: datetime,
) -> None:
    if review.verdict == ReviewVerdict.REJECT:
        contract_transition(contract, State.REJECTED, actor=by.actor, now=now, reason=review.body)
        return
    if review.verdict == ReviewVerdict.REQUEST_CHANGES:
        contract_transition(contract, State.DRAFT, actor=by.actor, now=now, reason=review.body)
        return
    after = contract_standing(contract, now=now, directory=directory)
    if not after.standing.complete:
        contract.waiting_for = after.waiting_for
        contract.save(update_fields=["waiting_for"])
        return
    contract_transition(contract, State.ACTIVE, actor=by.actor, now=now)
    replaced = contract.replaces
    if replaced is not None:
        earlier = locked_contract(replaced.pk)
        if earlier.state == State.ACTIVE:
            contract_transition(
                earlier, State.ENDED, actor=by.actor, now=now, reason=f"replaced by {contract}"
            )


@transaction.atomic
def contract_withdraw(
    *, by: ActingPerson, contract_id: int, reason: str = "", now: datetime
) -> TrustContract:
    """Take a contract back that is not active: whoever declared it, or may declare one there.

    :raises ContractState: it is active or over.
    :raises MayNot: see there.
    """
    contract = locked_contract(contract_id)
    if contract.declared_by_id != by.user.pk:
        require_declaring(
            by, contract.connection, contract.terms, ContractDirectory(contract.connection)
        )
    done = contract_transition(contract, State.WITHDRAWN, actor=by.actor, now=now, reason=reason)
    void_contract_reviews(done, reason="the contract was withdrawn", now=now)
    return done


@transaction.atomic
def contract_end(
    *, by: ActingPerson, contract_id: int, reason: str, now: datetime
) -> TrustContract:
    """End an active contract before its day: who may declare or approve contracts there.

    :raises ContractState: it is not active, or no reason is given.
    :raises MayNot: see there.
    """
    contract = locked_contract(contract_id)
    if not reason.strip():
        raise ContractState("say in a sentence why it ends")
    tree = target_tree(contract.connection)
    places = [
        by.places(right, contract.connection)
        for right in (rights.DECLARE_CONTRACT, rights.APPROVE_CONTRACT)
    ]
    for target_id in contract.target_ids:
        if not any(one.covers(tree, target_id) for one in places):
            raise MayNot(f"this needs the right {rights.DECLARE_CONTRACT} at {target_id}")
    return contract_transition(
        contract, State.ENDED, actor=by.actor, now=now, reason=reason.strip()
    )


def contracts_end_due(*, actor: Actor, now: datetime) -> int:
    """End the active contracts whose last day is past; return how many."""
    due = TrustContract.objects.filter(state=State.ACTIVE, until__lt=now.date())
    ended = 0
    for key in due.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            contract = locked_contract(key)
            # Somebody may have ended it while others were.
            if contract.state == State.ACTIVE and _is_over(contract, now):
                contract_transition(
                    contract, State.ENDED, actor=actor, now=now, reason="its last day is past"
                )
                ended += 1
    return ended


def _is_over(contract: TrustContract, now: datetime) -> bool:
    return contract.until is not None and contract.until < now.date()


def _require_time_left(contract: TrustContract, now: datetime) -> None:
    if _is_over(contract, now):
        raise ContractState(f"the last day of {contract} is past: edit it first")
