"""What people say of a request in review, and what follows from it."""

from datetime import datetime

from django.db import transaction

from governance.access.owners.acting import ActingPerson
from governance.approvals.models import Review, ReviewVerdict
from governance.approvals.requirements import RequiredApproval, standing
from governance.approvals.reviews import ReviewSubject, review_give
from governance.changes.life.checking import approve
from governance.changes.life.required import effects_of, required_json, required_of
from governance.changes.life.reviews import SUBJECT_KIND, current_reviews, excluded_people
from governance.changes.life.transitions import (
    WrongState,
    locked_request,
    transition,
)
from governance.changes.life.waiting import waiting_people
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState


@transaction.atomic
def change_review(
    *,
    by: ActingPerson,
    change_request_id: int,
    verdict: str,
    body: str,
    plan_sha256: str,
    stepped_up_at: datetime | None,
    now: datetime,
) -> Review:
    """Say what somebody thinks of the plan they were shown; the last one needed approves it.

    `plan_sha256`: from the reviewer's page. `stepped_up_at`: when they confirmed last who they
    are, if that is fresh. One who is entitled and rejects it closes it, one who requests changes
    sends it back to its author.

    :raises WrongState: a verdict other than a comment, and it is not in review.
    :raises ReviewRefused: see `governance.approvals.reviews.review_give`.
    """
    request = locked_request(change_request_id)
    in_review = request.state == ChangeState.IN_REVIEW
    if not in_review and verdict != ReviewVerdict.COMMENT:
        label = ChangeState(request.state).label.lower()
        raise WrongState(f"the change request is {label}, not in review")
    required: tuple[RequiredApproval, ...] = ()
    if in_review and request.evidence is not None:
        # Read anew: rights, owners and deputies may be others than when it was checked.
        required = required_of(request, effects_of(request.evidence), now=now)
    review = review_give(
        actor=by.actor,
        user=by.user,
        subject=review_subject(request, required),
        verdict=verdict,
        body=body,
        digest=plan_sha256,
        stepped_up_at=stepped_up_at,
        session=by.actor.session,
        now=now,
    )
    if in_review:
        request.required_approvals = required_json(required)
        _lead_on(request, review, required, by, now)
    return review


def review_subject(
    request: ChangeRequest, required: tuple[RequiredApproval, ...] = ()
) -> ReviewSubject:
    """Return a request as approvals take it."""
    return ReviewSubject(
        kind=SUBJECT_KIND,
        id=str(request.pk),
        connection_id=request.connection_id,
        name=request.title,
        digest=request.plan_sha256,
        excluded=excluded_people(request),
        required=required,
        record_id=str(request.number),
    )


def _lead_on(
    request: ChangeRequest,
    review: Review,
    required: tuple[RequiredApproval, ...],
    by: ActingPerson,
    now: datetime,
) -> None:
    ends = {
        ReviewVerdict.REJECT: ChangeState.REJECTED,
        ReviewVerdict.REQUEST_CHANGES: ChangeState.CHANGES_REQUESTED,
    }
    verdict = ReviewVerdict(review.verdict)
    if verdict in ends:
        request.expires_at = None
        transition(request, ends[verdict], actor=by.actor, now=now, reason=review.body)
        return
    given = standing(required, current_reviews(request), digest=request.plan_sha256)
    if verdict is ReviewVerdict.APPROVE and given.complete:
        approve(request, actor=by.actor, now=now)
        return
    request.waiting_for = waiting_people(request)
    request.save(update_fields=["required_approvals", "waiting_for"])
