"""Whose turn it is: the people whom a change request waits for."""

from typing import Final

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from governance.access.grants import counting
from governance.access.models import RoleAssignment
from governance.access.rights import EMERGENCY_CHANGE, TABLE
from governance.approvals.models import ReviewVerdict
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
    reviews = [
        review
        for review in current_reviews(change_request)
        if review.verdict != ReviewVerdict.COMMENT
    ]
    answered = {review.reviewer_id for review in reviews}
    entitled: set[int] = set()
    for requirement in change_request.required_approvals:
        if not _is_met(requirement, reviews):
            entitled.update(requirement["entitled"])
    return entitled - answered - excluded_people(change_request)


def _ratifying(change_request: ChangeRequest) -> set[int]:
    """Return who holds the break-glass right for the organization, but for those who took part."""
    roles = TABLE[EMERGENCY_CHANGE].roles
    assigned = RoleAssignment.objects.filter(
        counting(timezone.now()),
        Q(connection__isnull=True) | Q(connection_id=change_request.connection_id, target_id=""),
        role__in=roles,
    )
    holders = User.objects.filter(
        Q(role_assignments__in=assigned) | Q(groups__role_assignments__in=assigned), is_active=True
    )
    appliers = change_request.rollouts.exclude(started_by=None).values_list(
        "started_by_id", flat=True
    )
    took_part = excluded_people(change_request) | set(appliers)
    return set(holders.values_list("pk", flat=True)) - took_part
