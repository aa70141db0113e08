"""What somebody may do with a request now, and why not where they may not."""

from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import User

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.access.viewers import holds_within
from governance.changes.elsewhere.handing_out import HANDED_OUT_STATES
from governance.changes.life.reviews import excluded_people
from governance.changes.models import ChangeRequest
from governance.changes.states import CLOSED, EDITABLE, ROLLING, TRANSITIONS, ChangeState
from governance.web.changes.approvals import ShownApprovals
from governance.web.parts.rights_view import may_here
from inventory.models import Connection
from inventory.viewing import Viewer, sees_whole

_S = ChangeState
_SUBMITTABLE: Final = (_S.DRAFT, _S.CHECKS_FAILED, _S.CHANGES_REQUESTED, _S.STALE)
WITHDRAWABLE: Final = frozenset(
    state for state, following in TRANSITIONS.items() if _S.WITHDRAWN in following
)
_UNDOABLE: Final = (_S.APPLIED, _S.RATIFIED)


@dataclass(frozen=True, slots=True)
class PossibleActs:
    """What the action card offers.

    `verdicts`: whether a review counts; `why_not`: why it would not, in a sentence. `reviews`:
    whether the request is in review at all. The rest is named after its buttons.
    """

    reviews: bool = False
    verdicts: bool = False
    why_not: str = ""
    comments: bool = False
    submits: bool = False
    edits: bool = False
    withdraws: bool = False
    schedules: bool = False
    unschedules: bool = False
    undoes: bool = False
    overrides: bool = False
    rolls: bool = False
    starts: bool = False
    hands_out: bool = False
    closed: bool = False


def possible_acts(
    change_request: ChangeRequest, by: ActingPerson, approvals: ShownApprovals
) -> PossibleActs:
    """Judge what somebody may do; the services judge it again when it is done."""
    state = ChangeState(change_request.state)
    connection = change_request.connection
    user = by.user
    is_author = change_request.author_id == user.pk
    proposes = holds_within(user, rights.PROPOSE_CHANGE, connection=connection)
    applies = holds_within(user, rights.APPLY_CHANGE, connection=connection)
    security = by.may(rights.OVERRIDE_CHANGE, connection)
    why_not = _why_not_review(change_request, user.pk, connection_rights(by, change_request))
    if not why_not and not any(row.is_mine for row in approvals.rows):
        why_not = "No required approval is yours. You can comment."
    return PossibleActs(
        reviews=state is _S.IN_REVIEW,
        verdicts=state is _S.IN_REVIEW and not why_not,
        why_not=why_not if state is _S.IN_REVIEW else "",
        comments=is_author
        or proposes
        or holds_within(user, rights.REVIEW_CHANGE, connection=connection),
        submits=proposes and state in _SUBMITTABLE,
        edits=proposes and state in EDITABLE,
        withdraws=state in WITHDRAWABLE and may_withdraw(by, change_request),
        schedules=applies
        and state in (_S.APPROVED, _S.SCHEDULED)
        and change_request.applied == ChangeRequest.Applied.HERE,
        unschedules=applies and state is _S.SCHEDULED,
        undoes=proposes and state in _UNDOABLE,
        overrides=security
        and state is _S.CHECKS_FAILED
        and user.pk not in excluded_people(change_request),
        rolls=state in ROLLING,
        starts=applies
        and state in (_S.APPROVED, _S.SCHEDULED)
        and change_request.applied == ChangeRequest.Applied.HERE,
        hands_out=state in HANDED_OUT_STATES
        and change_request.applied == ChangeRequest.Applied.ELSEWHERE,
        closed=state in CLOSED,
    )


def may_withdraw(by: ActingPerson, change_request: ChangeRequest) -> bool:
    """Whether it is theirs to take back: its author's, or security's for an author who cannot."""
    return change_request.author_id == by.user.pk or by.may(
        rights.OVERRIDE_CHANGE, change_request.connection
    )


def may_bundle(user: User, viewer: Viewer, connection: Connection) -> bool:
    """Whether somebody may have all that is on record of a request, as a bundle."""
    return may_here(user, rights.VIEW_AUDIT, connection) and sees_whole(viewer, connection)


def connection_rights(by: ActingPerson, change_request: ChangeRequest) -> bool:
    """Whether somebody may review anywhere in the organization."""
    return holds_within(by.user, rights.REVIEW_CHANGE, connection=change_request.connection)


def _why_not_review(change_request: ChangeRequest, person_id: int, may_review: bool) -> str:
    if change_request.author_id == person_id:
        return "You requested this change, so others must approve it."
    if person_id in excluded_people(change_request):
        return "Your own work is in this plan, so others must approve it."
    if not may_review:
        return (
            f"Approving needs the right {rights.REVIEW_CHANGE}, which the roles approver and "
            "security give."
        )
    return ""
