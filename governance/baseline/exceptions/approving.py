"""Who has to agree to an exception: owners of its targets, and security where production is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from governance.access import rights
from governance.access.owners.labels import label_map
from governance.access.owners.targets import ROOT
from governance.approvals.effects import TargetEffect
from governance.approvals.models import Review, ReviewVerdict
from governance.approvals.requirements import (
    ApprovalStanding,
    RequiredApproval,
    required_approvals,
    standing,
)
from governance.approvals.reviews import ReviewSubject, reviews_of, reviews_void
from governance.approvals.rules import ANY_EFFECT, OWNERS, ApprovalRule, ApprovalRules
from governance.approvals.settings import approval_rules
from governance.audit import actions
from governance.baseline.exceptions.models import GuardrailException
from inventory.models import Connection

SUBJECT_KIND: Final = "guardrail_exception"
OPERATION: Final = "guardrail_exception"
# The rule that the product brings for production and the root; it adds to the ones that hold.
_PRODUCTION: Final = ApprovalRule(
    name="Exceptions in production or at the root",
    targets=frozenset(),
    environments=frozenset(),
    tags=frozenset(),
    policy_types=frozenset(),
    operations=frozenset(),
    effect=ANY_EFFECT,
    count=1,
    source=OWNERS,
    group="",
    group_id=None,
    needs_security=True,
    needs_step_up=True,
)


def needs_security(connection: Connection, target_ids: list[str]) -> bool:
    """Whether a target is the root, or holds what is treated as production."""
    labels = label_map(connection)
    return any(
        one not in labels.tree.by_id
        or labels.tree.by_id[one].kind == ROOT
        or labels.holds_protected(one)
        for one in target_ids
    )


def excluded_people(exception: GuardrailException) -> frozenset[int]:
    """Return who cannot approve an exception: whoever asked, and whoever wrote a version."""
    return frozenset({exception.asked_by_id, *exception.edited_by})


def required_for(exception: GuardrailException, *, now: datetime) -> tuple[RequiredApproval, ...]:
    """Return the approvals that an exception needs, as owners stand now."""
    connection = exception.connection
    held = approval_rules(connection)
    if needs_security(connection, exception.target_ids):
        held = ApprovalRules(
            held.version,
            (*held.rules, _PRODUCTION),
            held.unchanged_count,
            held.escalate_after_hours,
            held.expire_after_days,
        )
    return required_approvals(
        connection,
        [
            TargetEffect(target_id, newly_allowed=True, operations=frozenset({OPERATION}))
            for target_id in exception.target_ids
        ],
        excluded=excluded_people(exception),
        now=now,
        waiting_since=exception.proposed_at if exception.state == "proposed" else None,
        rules=held,
        right=rights.APPROVE_EXCEPTION,
    )


@dataclass(frozen=True, slots=True)
class ExceptionStanding:
    """Where an exception stands between the approvals it needs and those it has."""

    subject: ReviewSubject
    reviews: tuple[Review, ...]
    standing: ApprovalStanding

    @property
    def waiting_for(self) -> list[int]:
        """The ids of the people whose turn it is: entitled, and without a verdict so far."""
        answered = {one.reviewer_id for one in self.reviews if one.verdict != ReviewVerdict.COMMENT}
        return sorted(self.standing.waits_for - answered - self.subject.excluded)


def exception_standing(exception: GuardrailException, *, now: datetime) -> ExceptionStanding:
    """Return who has to agree and who did, as rights, owners and rules stand now."""
    required = required_for(exception, now=now)
    subject = ReviewSubject(
        kind=SUBJECT_KIND,
        id=str(exception.pk),
        connection_id=exception.connection_id,
        name=f"{exception} {exception.guardrail_id}"[:200],
        digest=exception.digest,
        excluded=excluded_people(exception),
        required=required,
        record_id=str(exception.number),
        action=actions.EXCEPTION_REVIEW,
        right=rights.APPROVE_EXCEPTION,
        reading_right=rights.VIEW_EXCEPTIONS,
    )
    reviews = tuple(reviews_of(subject))
    return ExceptionStanding(subject, reviews, standing(required, reviews, digest=exception.digest))


def exception_reviews(exception: GuardrailException) -> list[Review]:
    """Return all that was said of an exception, also of earlier versions, the oldest first."""
    return list(
        Review.objects.filter(
            subject_kind=SUBJECT_KIND,
            subject_id=str(exception.pk),
            connection_id=exception.connection_id,
        )
        .select_related("reviewer")
        .order_by("created_at", "pk")
    )


def void_exception_reviews(exception: GuardrailException, *, reason: str, now: datetime) -> None:
    """Have no review of an exception count any more; they stay to be read."""
    reviews_void(
        subject_kind=SUBJECT_KIND,
        subject_id=str(exception.pk),
        connection_id=exception.connection_id,
        reason=reason,
        now=now,
    )
