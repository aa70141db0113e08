"""Edits that the planner offers beside a plan, taken over with one click."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from governance.access.owners.acting import ActingPerson
from governance.changes.life.drafting import change_edit
from governance.changes.life.transitions import CannotChangeRequest
from governance.changes.models import ChangeRequest, Evidence
from governance.changes.planning.offered_unit_moves import UNIT_MOVE_OFFERED
from governance.edits.operations import OperationKind

_GONE: Final = "the plan does not offer this any more: open the page again"


class OfferGone(CannotChangeRequest):
    """The plan of the request's present revision does not offer it."""


def offered_move(plan: Mapping[str, Any], policy_id: str, target_id: str) -> list[dict[str, Any]]:
    """Return the operations that a stored plan offers to move a policy's attachment off a target.

    Empty: it offers none.
    """
    left = {
        "kind": OperationKind.DETACH_POLICY.value,
        "policy_id": policy_id,
        "target_id": target_id,
    }
    for notice in plan.get("notices") or ():
        operations = list(notice.get("operations") or ())
        if left in operations:
            return operations
    return []


def unit_move_replace(
    *,
    by: ActingPerson,
    change_request: ChangeRequest,
    evidence: Evidence | None,
    unit_id: str,
    now: datetime,
) -> ChangeRequest:
    """Put what AWS can do in the place of an OU's move: a new OU, account moves, a deletion.

    `evidence`: of the page that offered it.
    :raises OfferGone: see there.
    :raises RevisionPassed: somebody else edited the request in between.
    """
    plan = {} if evidence is None else evidence.plan
    offered = next(
        (
            list(notice["operations"])
            for notice in plan.get("notices") or ()
            if notice["code"] == UNIT_MOVE_OFFERED and notice["target_ids"][0] == unit_id
        ),
        [],
    )
    operations: list[dict[str, Any]] = []
    for one in change_request.operations:
        moves = one["kind"] == OperationKind.MOVE_ORGANIZATIONAL_UNIT.value
        is_it = moves and one["target_id"] == unit_id
        operations += offered if is_it else [one]
    if (
        evidence is None
        or evidence.revision != change_request.revision
        or not offered
        or operations == change_request.operations
    ):
        raise OfferGone(_GONE)
    return change_edit(
        by=by,
        change_request_id=change_request.pk,
        revision=change_request.revision,
        changes={"operations": tuple(operations)},
        now=now,
    )


def attachment_move_down(
    *,
    by: ActingPerson,
    change_request: ChangeRequest,
    evidence: Evidence | None,
    policy_id: str,
    target_id: str,
    now: datetime,
) -> ChangeRequest:
    """Add the offered move of a policy's attachment to a request, as any other edit of it.

    `evidence`: of the page that offered it; `target_id`: the target that the policy leaves.
    :raises OfferGone: see there.
    :raises RevisionPassed: somebody else edited the request in between.
    """
    plan = {} if evidence is None else evidence.plan
    operations = offered_move(plan, policy_id, target_id)
    if evidence is None or evidence.revision != change_request.revision or not operations:
        raise OfferGone(_GONE)
    return change_edit(
        by=by,
        change_request_id=change_request.pk,
        revision=change_request.revision,
        changes={"operations": (*change_request.operations, *operations)},
        now=now,
    )
