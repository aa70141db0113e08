"""Whether a pipeline may apply a plan now, by the digest that it holds."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from governance.changes.elsewhere.approved import ApprovedResult, approved_result
from governance.changes.elsewhere.differences import (
    CollectedNow,
    collected_now,
    is_untouched,
    moved_policies,
)
from governance.changes.elsewhere.observing import OPEN
from governance.changes.elsewhere.standing import lapsed_approvals, moved_conclusions
from governance.changes.life.transitions import NoSuchChangeRequest
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState
from governance.changes.windows.deciding import may_apply_at
from inventory.models import Connection


@dataclass(frozen=True, slots=True)
class ApplyVerdict:
    """Whether a plan may be applied. `reasons`: why not, empty where it may.

    `next_opening`: when change windows allow it again, where they are among the reasons.
    """

    number: int
    state: str
    plan_sha256: str
    reasons: tuple[str, ...]
    next_opening: datetime | None = None

    @property
    def may_be_applied(self) -> bool:
        """Whether nothing blocks it."""
        return not self.reasons


def verdict(connection: Connection, number: int, digest: str, *, now: datetime) -> ApplyVerdict:
    """Say whether the plan of this digest may be applied elsewhere now.

    Evidence that is outdated is made again, of what the newest run read; nothing is stored.

    `digest`: the plan's SHA-256, 64 hex digits, as `change.json` holds it.

    :raises NoSuchChangeRequest: see there.
    """
    change_request = (
        ChangeRequest.objects.select_related("connection", "evidence")
        .filter(connection=connection, number=number)
        .first()
    )
    if change_request is None:
        raise NoSuchChangeRequest("there is no such change request")
    reasons = list(_reasons(change_request, digest, now))
    opening = may_apply_at(connection, _targets(change_request), now)
    if not opening.may:
        reasons.append(opening.reason)
    return ApplyVerdict(
        number=number,
        state=change_request.state,
        plan_sha256=change_request.plan_sha256,
        reasons=tuple(reasons),
        next_opening=None if opening.may else opening.next_opening,
    )


def _targets(change_request: ChangeRequest) -> tuple[str, ...]:
    result = approved_result(change_request)
    found = {
        target_id
        for policy in result.policies
        for target_id in (*policy.target_ids, *policy.had_target_ids, *policy.detached_ids)
    }
    found |= {unit.target_id for unit in result.units}
    found |= {each for move in result.moves for each in (move.account_id, move.parent_id)}
    if result.policy_types and result.root_id:
        found.add(result.root_id)
    return tuple(sorted(each for each in found if not each.startswith("new-")))


def _reasons(change_request: ChangeRequest, digest: str, now: datetime) -> Iterator[str]:
    if change_request.applied != ChangeRequest.Applied.ELSEWHERE:
        yield "Orgwarden applies this change itself"
        return
    state = ChangeState(change_request.state)
    if state is ChangeState.APPLIED:
        yield "it is applied already"
    elif state not in OPEN:
        yield f"it is not approved: its state is {state.label.lower()}"
    given, approved = digest.strip().lower(), change_request.plan_sha256
    if not approved or not hmac.compare_digest(given.encode(), approved.encode()):
        yield "the digest is not that of the plan as it stands: fetch the files again"
    if state not in OPEN:
        return
    yield from lapsed_approvals(change_request, now=now)
    result = approved_result(change_request)
    stands = collected_now(change_request.connection, result)
    yield from _moved(stands, result)
    if is_untouched(stands, result):
        yield from moved_conclusions(change_request, now=now)


def _moved(now: CollectedNow, result: ApprovedResult) -> Iterator[str]:
    """Say what stands neither as it was reviewed nor as approved: the base moved."""
    for policy, found in moved_policies(now, result):
        said = "; ".join(each.message for each in found)
        yield f"{policy.name} differs from when it was reviewed: {said}"
