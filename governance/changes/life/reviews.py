"""Reviews of a change request, as `governance.approvals` keeps them for anything."""

from datetime import datetime
from typing import Final

from governance.approvals.models import Review
from governance.approvals.reviews import review_marks, reviews_void
from governance.changes.models import ChangeRequest

SUBJECT_KIND: Final = "change_request"


def excluded_people(change_request: ChangeRequest) -> frozenset[int]:
    """Return who cannot approve a request: its author, and whose work is in its plan."""
    contributors = change_request.contributions.values_list("person_id", flat=True)
    return frozenset({change_request.author_id, *contributors})


def all_reviews(change_request: ChangeRequest) -> list[Review]:
    """Return all that was said of a request, also of earlier revisions, the oldest first."""
    return list(
        Review.objects.filter(subject_kind=SUBJECT_KIND, subject_id=str(change_request.pk))
        .select_related("reviewer", "audit_entry")
        .order_by("created_at", "pk")
    )


def current_reviews(change_request: ChangeRequest) -> list[Review]:
    """Return the reviews that count for what a request asks for now."""
    if not change_request.plan_sha256:
        return []
    return [
        review
        for review in all_reviews(change_request)
        if review.voided_at is None and review.digest == change_request.plan_sha256
    ]


def review_marks_of(change_request: ChangeRequest) -> list[tuple[int, str, int, int | None]]:
    """Return what tells apart whether the reviews of the plan that stands now are the same."""
    return review_marks(
        SUBJECT_KIND,
        str(change_request.pk),
        connection_id=change_request.connection_id,
        digest=change_request.plan_sha256,
    )


def void_reviews(change_request: ChangeRequest, *, reason: str, now: datetime) -> None:
    """Have no review of a request count any more; they stay to be read."""
    reviews_void(
        subject_kind=SUBJECT_KIND,
        subject_id=str(change_request.pk),
        connection_id=change_request.connection_id,
        reason=reason,
        now=now,
    )
