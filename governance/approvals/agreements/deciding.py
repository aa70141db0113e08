"""Proposing, editing, reviewing, withdrawing and ending agreements.

Each takes an agreement that `locked_agreement` returned, in the same transaction. What a kind asks
for beyond that (the right to ask for it, what it works out again) is its own service's part.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from governance.access.owners.acting import ActingPerson, MayNot
from governance.access.owners.targets import target_tree
from governance.approvals.agreements.approving import AgreementStanding, void_agreement_reviews
from governance.approvals.agreements.changing import (
    EDITABLE,
    AgreementMoved,
    State,
    WrongAgreementState,
    agreement_record,
    agreement_transition,
    locked_agreement,
)
from governance.approvals.agreements.kinds import AgreementKind, AnAgreement
from governance.approvals.agreements.models import AgreementModel
from governance.approvals.models import Review, ReviewVerdict
from governance.approvals.reviews import review_give
from governance.audit.actors import Actor
from governance.audit.services import changed_fields


def require_submittable(agreement: AgreementModel, *, now: datetime) -> None:
    """Check that an agreement is a draft with days left.

    :raises WrongAgreementState: it is not.
    """
    if agreement.state != State.DRAFT:
        raise WrongAgreementState(
            f"{agreement} is {agreement.state_label}: there is nothing to submit"
        )
    _require_time_left(agreement, now)


def agreement_propose(
    kind: AgreementKind[AnAgreement],
    agreement: AnAgreement,
    *,
    by: ActingPerson,
    standing: AgreementStanding,
    now: datetime,
) -> AnAgreement:
    """Have a draft that `require_submittable` let through wait for those whose turn it is."""
    agreement.waiting_for = standing.waiting_for
    return agreement_transition(
        kind, agreement, State.PROPOSED, actor=by.actor, now=now, action=kind.submit_action
    )


def require_editable(agreement: AgreementModel, *, version: int | None, instead: str) -> None:
    """Check that an agreement can be edited, and that it was read as it stands.

    `version`: of the agreement that was read; None: whatever it is now. `instead`: what to do once
    it is active or over.

    :raises WrongAgreementState: it is active or over.
    :raises AgreementMoved: see there.
    """
    if agreement.state not in EDITABLE:
        raise WrongAgreementState(f"{agreement} is {agreement.state_label}: {instead}")
    if version is not None and version != agreement.version:
        raise AgreementMoved(
            f"{agreement} was edited after you opened it (version {agreement.version} instead of "
            f"{version}): read it again"
        )


def agreement_edited(
    kind: AgreementKind[AnAgreement],
    agreement: AnAgreement,
    *,
    by: ActingPerson,
    was: Mapping[str, Any],
    terms: Mapping[str, Any],
    standing: Callable[[], AgreementStanding],
    now: datetime,
) -> AnAgreement:
    """Record an edit that is filled in, have its reviews count no more, and save it.

    One that was rejected becomes a draft again; one that waits for approval goes on waiting.
    """
    before, after = changed_fields(was, terms)
    agreement_record(
        kind,
        agreement,
        actor=by.actor,
        action=kind.edit_action,
        now=now,
        before=before,
        after={**after, "version": agreement.version, "digest": agreement.digest},
    )
    void_agreement_reviews(kind, agreement, reason=f"the {kind.noun} was edited", now=now)
    if agreement.state == State.REJECTED:
        return agreement_transition(
            kind, agreement, State.DRAFT, actor=by.actor, now=now, reason="edited"
        )
    if agreement.state == State.PROPOSED:
        agreement.waiting_for = standing().waiting_for
    agreement.save()
    return agreement


def agreement_review(
    kind: AgreementKind[AnAgreement],
    agreement: AnAgreement,
    *,
    by: ActingPerson,
    verdict: str,
    body: str,
    digest: str,
    stepped_up_at: datetime | None,
    standing: Callable[[], AgreementStanding],
    now: datetime,
) -> Review:
    """Say what somebody thinks of the version they were shown; the last one needed activates it.

    `digest`: of the version on the reviewer's page. `stepped_up_at`: when they confirmed last who
    they are, if that is fresh. One who is entitled and rejects it closes it; one who requests
    changes makes it a draft again. `standing`: read again before the review and after it.

    :raises WrongAgreementState: a verdict other than a comment, and it does not wait for approval,
        or its last day is past.
    :raises ReviewRefused: see `governance.approvals.reviews.review_give`.
    """
    if agreement.state != State.PROPOSED and verdict != ReviewVerdict.COMMENT:
        raise WrongAgreementState(
            f"{agreement} is {agreement.state_label}, not waiting for approval"
        )
    if verdict == ReviewVerdict.APPROVE:
        _require_time_left(agreement, now)
    # Read anew: rights, owners and deputies may be others than when it was proposed.
    review = review_give(
        actor=by.actor,
        user=by.user,
        subject=standing().subject,
        verdict=verdict,
        body=body,
        digest=digest,
        stepped_up_at=stepped_up_at,
        session=by.actor.session,
        now=now,
    )
    match review.verdict:
        case ReviewVerdict.REJECT:
            agreement_transition(
                kind, agreement, State.REJECTED, actor=by.actor, now=now, reason=review.body
            )
        case ReviewVerdict.REQUEST_CHANGES:
            agreement_transition(
                kind, agreement, State.DRAFT, actor=by.actor, now=now, reason=review.body
            )
        case ReviewVerdict.APPROVE:
            _approved(kind, agreement, standing(), by, now)
    return review


def _approved(
    kind: AgreementKind[AnAgreement],
    agreement: AnAgreement,
    found: AgreementStanding,
    by: ActingPerson,
    now: datetime,
) -> None:
    if found.standing.complete:
        agreement_transition(kind, agreement, State.ACTIVE, actor=by.actor, now=now)
        return
    agreement.waiting_for = found.waiting_for
    agreement.save(update_fields=["waiting_for"])


def agreement_withdraw(
    kind: AgreementKind[AnAgreement],
    agreement: AnAgreement,
    *,
    by: ActingPerson,
    reason: str,
    now: datetime,
) -> AnAgreement:
    """Take an agreement back that is not active. The caller checks who may.

    :raises WrongAgreementState: it is active or over.
    """
    done = agreement_transition(
        kind, agreement, State.WITHDRAWN, actor=by.actor, now=now, reason=reason
    )
    void_agreement_reviews(kind, done, reason=f"the {kind.noun} was withdrawn", now=now)
    return done


def agreement_end(
    kind: AgreementKind[AnAgreement],
    agreement: AnAgreement,
    *,
    by: ActingPerson,
    reason: str,
    now: datetime,
) -> AnAgreement:
    """End an active agreement before its day: who may ask for or approve some at its targets.

    :raises WrongAgreementState: it is not active, or no reason is given.
    :raises MayNot: see there.
    """
    if not reason.strip():
        raise WrongAgreementState("say in a sentence why it ends")
    tree = target_tree(agreement.connection)
    places = [
        by.places(right, agreement.connection)
        for right in (kind.asking_right, kind.approving_right)
    ]
    for target_id in agreement.target_ids:
        if not any(one.covers(tree, target_id) for one in places):
            raise MayNot(f"this needs the right {kind.asking_right} at {target_id}")
    return agreement_transition(
        kind, agreement, State.ENDED, actor=by.actor, now=now, reason=reason.strip()
    )


def agreements_end_due(kind: AgreementKind[AnAgreement], *, actor: Actor, now: datetime) -> int:
    """End the active agreements whose last day is past; return how many."""
    due = kind.model._default_manager.filter(state=State.ACTIVE, until__lt=now.date())
    ended = 0
    for key in due.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            agreement = locked_agreement(kind, key)
            # Somebody may have ended it while others were.
            if agreement.state == State.ACTIVE and agreement.is_over(now.date()):
                agreement_transition(
                    kind,
                    agreement,
                    State.ENDED,
                    actor=actor,
                    now=now,
                    reason="its last day is past",
                )
                ended += 1
    return ended


def _require_time_left(agreement: AgreementModel, now: datetime) -> None:
    if agreement.is_over(now.date()):
        raise WrongAgreementState(f"the last day of {agreement} is past: edit it first")
