"""Who has to agree to an agreement: owners of its targets, and whom its kind adds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from governance.approvals.agreements.changing import State
from governance.approvals.agreements.kinds import AgreementKind, AnAgreement
from governance.approvals.effects import TargetEffect
from governance.approvals.models import Review, ReviewVerdict
from governance.approvals.requirements import ApprovalStanding, required_approvals, standing
from governance.approvals.reviews import ReviewSubject, reviews_of, reviews_void
from governance.approvals.rules import ApprovalRule
from governance.approvals.settings import approval_rules


@dataclass(frozen=True, slots=True)
class AgreementStanding:
    """Where an agreement stands between the approvals it needs and those it has."""

    subject: ReviewSubject
    reviews: tuple[Review, ...]
    standing: ApprovalStanding

    @property
    def waiting_for(self) -> list[int]:
        """The ids of the people whose turn it is: entitled, and without a verdict so far."""
        answered = {one.reviewer_id for one in self.reviews if one.verdict != ReviewVerdict.COMMENT}
        return sorted(self.standing.waits_for - answered - self.subject.excluded)


def agreement_standing(
    kind: AgreementKind[AnAgreement],
    agreement: AnAgreement,
    target_ids: Iterable[str],
    *,
    own_rule: ApprovalRule | None,
    excluded: frozenset[int],
    now: datetime,
) -> AgreementStanding:
    """Return who has to agree and who did, as rights, owners and rules stand now.

    `target_ids`: whose owners agree. `own_rule`: one that the product brings; it adds to the ones
    that hold. `excluded`: ids of the people who cannot approve it.
    """
    rules = approval_rules(agreement.connection)
    required = required_approvals(
        agreement.connection,
        [
            TargetEffect(target_id, newly_allowed=True, operations=frozenset({kind.object_kind}))
            for target_id in target_ids
        ],
        excluded=excluded,
        now=now,
        waiting_since=agreement.proposed_at if agreement.state == State.PROPOSED else None,
        rules=rules if own_rule is None else rules.with_rule(own_rule),
        right=kind.approving_right,
    )
    subject = ReviewSubject(
        kind=kind.object_kind,
        id=str(agreement.pk),
        connection_id=agreement.connection_id,
        name=kind.subject_name(agreement)[:200],
        digest=agreement.digest,
        excluded=excluded,
        required=required,
        record_id=str(agreement.number),
        action=kind.review_action,
        right=kind.approving_right,
        reading_right=kind.viewing_right,
    )
    reviews = tuple(reviews_of(subject))
    return AgreementStanding(subject, reviews, standing(required, reviews, digest=agreement.digest))


def agreement_reviews(kind: AgreementKind[AnAgreement], agreement: AnAgreement) -> list[Review]:
    """Return all that was said of an agreement, also of earlier versions, the oldest first."""
    return list(
        Review.objects.filter(
            subject_kind=kind.object_kind,
            subject_id=str(agreement.pk),
            connection_id=agreement.connection_id,
        )
        .select_related("reviewer")
        .order_by("created_at", "pk")
    )


def void_agreement_reviews(
    kind: AgreementKind[AnAgreement], agreement: AnAgreement, *, reason: str, now: datetime
) -> None:
    """Have no review of an agreement count any more; they stay to be read."""
    reviews_void(
        subject_kind=kind.object_kind,
        subject_id=str(agreement.pk),
        connection_id=agreement.connection_id,
        reason=reason,
        now=now,
    )
