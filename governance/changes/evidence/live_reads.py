"""Reads what a request concerns from AWS, so that evidence rests on what is there now."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from governance.changes.evidence.collected import EVERYTHING
from governance.changes.evidence.live_state import LiveReads
from governance.changes.models import ChangeRequest
from governance.changes.planning.base import named_in
from governance.edits.operations import Operation, OperationKind, OperationsInvalid, read_operations
from governance.posture.state.organization import CONTROL_TYPES
from inventory.aws.errors import AwsError
from inventory.collecting.policies_now import AskedNow, read_now
from inventory.models import Connection
from inventory.selectors.connections import state_before_active_run
from inventory.selectors.hierarchy import policy_types_enabled
from inventory.selectors.policies import policies

log = logging.getLogger(__name__)

LiveReader = Callable[[ChangeRequest, datetime], LiveReads | None]
"""Returns what AWS has now of what a request concerns; None: nothing is asked."""

# What a check may spend on it: one policy takes a call, and one more for each 20 of its targets.
_SECONDS: Final = 60.0
# AWS's own policies never change, and stand at every target.
_AWS_MANAGED: Final = "FullAWSAccess"
# What reaches all targets of the policy that it names.
_REACHING: Final = frozenset({OperationKind.UPDATE_POLICY, OperationKind.DELETE_POLICY})
_PLACING: Final = frozenset({OperationKind.ATTACH_POLICY, OperationKind.DETACH_POLICY})
_MOVES: Final = frozenset({OperationKind.MOVE_ACCOUNT, OperationKind.MOVE_ORGANIZATIONAL_UNIT})


def read_live(change_request: ChangeRequest, now: datetime) -> LiveReads | None:
    """Read the policies that a request names, but for AWS's own, and the targets it reaches with
    the accounts below them.

    What cannot be read is said in `problem`; the evidence then rests on the newest run, and the
    apply worker compares each object with it before the first call.
    AWS: organizations:DescribePolicy, ListTargetsForPolicy, ListPoliciesForTarget, ListParents,
    ListAccountsForParent, ListOrganizationalUnitsForParent.
    """
    try:
        operations = read_operations(change_request.operations)
    except OperationsInvalid:
        return None
    asked = asked_of(operations, change_request.connection)
    if not asked:
        return None
    try:
        found = read_now(change_request.connection, asked, seconds=_SECONDS)
    except AwsError as error:
        log.warning("change request %s: AWS was not read: %s", change_request.pk, error)
        return LiveReads(read_at=now, problem=error.message)
    return LiveReads(read_at=now, found=found)


def asked_of(operations: Sequence[Operation], connection: Connection) -> AskedNow:
    """Return what to read of AWS for some operations.

    Types that the newest run did not see enabled are left out: nothing is attached of them.
    """
    as_of = state_before_active_run(EVERYTHING, connection=connection)
    rows = policies(EVERYTHING, connection=connection, as_of=as_of)
    types = dict(rows.values_list("policy_id", "type"))
    named = {types[one.policy_id] for one in operations if one.policy_id in types}
    named |= {one.policy_type for one in operations if one.policy_type}
    if any(one.kind in _MOVES for one in operations):
        named |= {kind.value for kind in CONTROL_TYPES}
    enabled = policy_types_enabled(EVERYTHING, connection=connection, as_of=as_of)
    targets = dict.fromkeys(
        target_id
        for one in operations
        for target_id in (one.target_id, one.parent_id)
        if target_id and not target_id.startswith("new-")
    )
    return AskedNow(
        policy_ids=tuple(one for one in named_in(operations) if not one.endswith(_AWS_MANAGED)),
        target_ids=tuple(targets),
        reached_by=frozenset(one.policy_id for one in operations if one.kind in _REACHING),
        policy_types=tuple(sorted(named & set(enabled))),
        known_policy_ids=frozenset(types),
        places=tuple(
            dict.fromkeys(
                one.target_id
                for one in operations
                if one.kind in _PLACING and one.target_id in targets
                if not one.target_id.isdecimal()
            )
        ),
    )
