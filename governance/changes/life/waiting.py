"""Whose turn it is: the people whom a change request waits for."""

from typing import Final

from governance.access.rights import EMERGENCY_CHANGE
from governance.approvals.entitlement import right_holders
from governance.approvals.models import ReviewVerdict
from governance.approvals.requirements import standing
from governance.changes.life.required import read_required
from governance.changes.life.reviews import current_reviews, excluded_people
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState

# The author has to do something, or nothing goes on.
_OF_AUTHOR: Final = frozenset(
    {
        *(ChangeState.CHECKS_FAILED, ChangeState.CHANGES_REQUESTED, ChangeState.APPROVED),
        *(ChangeState.STALE, ChangeState.DIFFERS, ChangeState.WAITING_FOR_GO, ChangeState.HALTED),
        *(ChangeState.PARTIALLY_APPLIED, ChangeState.ROLLBACK_FAILED, ChangeState.REVERT_DUE),
    }
)
# Whoever agreed may let the next ring go and take a rollout back as well.
_OF_REVIEWERS: Final = frozenset({ChangeState.WAITING_FOR_GO, ChangeState.ROLLBACK_FAILED})


def waiting_people(change_request: ChangeRequest) -> list[int]:
    """Return the keys of the people whose turn it is, in order.

    In review: who is entitled by an approval that is still missing and has not reviewed yet.
    """
    state = ChangeState(change_request.state)
    found: set[int] = set()
    if state in _OF_AUTHOR:
        found.add(change_request.author_id)
    if state is ChangeState.IN_REVIEW:
        found |= _entitled_still(change_request)
    if state in _OF_REVIEWERS:
        found |= {
            review.reviewer_id
            for review in current_reviews(change_request)
            if review.verdict == ReviewVerdict.APPROVE
        }
    if state is ChangeState.APPLIED_PENDING_REVIEW:
        found |= _ratifying(change_request)
    return sorted(found)


def _entitled_still(change_request: ChangeRequest) -> set[int]:
    reviews = current_reviews(change_request)
    given = standing(read_required(change_request.required_approvals), reviews)
    answered = {one.reviewer_id for one in reviews if one.verdict != ReviewVerdict.COMMENT}
    return set(given.waits_for) - answered - excluded_people(change_request)


def _ratifying(change_request: ChangeRequest) -> set[int]:
    """Return who may ratify: holders of the break-glass right who took no part."""
    holders = right_holders(change_request.connection, EMERGENCY_CHANGE).whole
    appliers = change_request.rollouts.exclude(started_by=None).values_list(
        "started_by_id", flat=True
    )
    return set(holders) - excluded_people(change_request) - set(appliers)
