"""Who must agree to a request, who has, and what of it is somebody's own to decide."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from governance.approvals.models import Review, ReviewVerdict
from governance.approvals.requirements import (
    ApprovalStanding,
    MetApproval,
    RequiredApproval,
    standing,
)
from governance.changes.life.required import read_required
from governance.changes.life.reviews import all_reviews
from governance.changes.models import ChangeRequest
from governance.web.parts.markup import counted
from governance.web.parts.people import name_of
from governance.web.parts.states import REVIEW_STATES


@dataclass(frozen=True, slots=True)
class ShownReview:
    """What somebody said. `counts`: for the plan that stands now."""

    name: str
    person: User
    state: str
    body: str
    at: datetime
    counts: bool
    void_reason: str
    carried: bool


@dataclass(frozen=True, slots=True)
class ShownApproval:
    """An approval that is needed. `agreed`: who has; `entitled`: who may, by name.

    `state`: approved, rejected, changes_requested or waiting; failed where nobody may agree.
    """

    label: str
    note: str
    state: str
    words: str
    agreed: tuple[str, ...]
    entitled: tuple[str, ...]
    problem: str
    is_mine: bool


@dataclass(frozen=True)
class ShownApprovals:
    """All of them with what was said; `my_targets`: the accounts whose owner the viewer is."""

    rows: tuple[ShownApproval, ...]
    reviews: tuple[ShownReview, ...]
    my_targets: frozenset[str]
    my_labels: tuple[str, ...]
    mine: ShownReview | None

    @property
    def met(self) -> int:
        """How many of the approvals are there."""
        return sum(row.state == "approved" for row in self.rows)

    @property
    def missing(self) -> list[ShownApproval]:
        """The approvals that are waited for."""
        return [row for row in self.rows if row.state != "approved"]


def shown_approvals(change_request: ChangeRequest, viewer: User) -> ShownApprovals:
    """Return who must agree and who has, as one person sees it."""
    reviews = all_reviews(change_request)
    digest = change_request.plan_sha256
    shown = tuple(_review(one, digest) for one in reviews)
    required = read_required(change_request.required_approvals)
    stands = standing(required, reviews, digest=digest) if digest else standing(required, ())
    own = [one for one in required if viewer.pk in one.entitled | one.security]
    mine = next((one for one in reversed(shown) if one.counts and one.person == viewer), None)
    return ShownApprovals(
        rows=approval_rows(required, stands, viewer),
        reviews=shown,
        my_targets=frozenset(
            target_id
            for one in own
            if one.source == "owners" and viewer.pk in one.entitled
            for target_id in one.target_ids
        ),
        my_labels=tuple(one.label for one in own),
        mine=mine,
    )


def approval_rows(
    required: Sequence[RequiredApproval], stands: ApprovalStanding, viewer: User
) -> tuple[ShownApproval, ...]:
    """Return the approvals that are needed, as they stand."""
    names = _names(required)
    return tuple(
        _approval(stands.by_requirement[one.key], stands, names, viewer.pk) for one in required
    )


def _names(required: Iterable[RequiredApproval]) -> dict[int, str]:
    keys = {key for one in required for key in one.entitled | one.security}
    return {person.pk: name_of(person) for person in User.objects.filter(pk__in=keys)}


def _review(one: Review, digest: str) -> ShownReview:
    return ShownReview(
        name=name_of(one.reviewer),
        person=one.reviewer,
        state=REVIEW_STATES[ReviewVerdict(one.verdict)],
        body=one.body,
        at=one.created_at,
        counts=one.voided_at is None and one.digest == digest,
        void_reason=one.void_reason,
        carried=one.carried_from_id is not None,
    )


def _approval(
    met: MetApproval, stands: ApprovalStanding, names: Mapping[int, str], viewer_id: int
) -> ShownApproval:
    one = met.required
    people = one.entitled | one.security
    if people.intersection(stands.rejected):
        state = "rejected"
    elif people.intersection(stands.changes_requested):
        state = "changes_requested"
    elif met.is_met:
        state = "approved"
    else:
        state = "failed" if one.problem else "waiting"
    parts = [counted(one.account_count, "account,accounts")] if one.account_count else []
    if one.count > 1:
        parts.append(f"{one.count - met.missing_count} of {one.count} people")
    if one.needs_security:
        parts.append("security as well" if met.lacks_security else "security has agreed")
    agreed = dict.fromkeys((*met.approved_by, *met.security_by))
    return ShownApproval(
        label=one.label,
        note=", ".join(parts),
        state=state,
        words={"failed": "Nobody can", "waiting": "Waiting"}.get(state, ""),
        agreed=tuple(names.get(key, str(key)) for key in agreed),
        entitled=tuple(sorted(names.get(key, str(key)) for key in met.waits_for)),
        problem=one.problem,
        is_mine=viewer_id in people,
    )
