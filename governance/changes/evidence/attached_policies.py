"""Existing policies that a change attaches without writing them: what they hold is news there."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.edits.draft import DraftedOrganization
from governance.edits.operations import Operation, OperationKind
from governance.posture.state.organization import CONTROL_TYPES, ControlPolicy
from policies import PolicyType


@dataclass(frozen=True, slots=True)
class WrittenAttachment:
    """An SCP or RCP with its text as it is, which a change attaches.

    `operation`: the first that attaches it, from 0. `in_use`: it was attached somewhere before.
    """

    policy: ControlPolicy
    policy_type: PolicyType
    operation: int
    in_use: bool


def attached_policies(
    operations: Sequence[Operation], drafted: DraftedOrganization
) -> dict[str, WrittenAttachment]:
    """Return the customer's policies that operations attach and do not write, by id."""
    written = {one.policy.policy_id for one in drafted.edited}
    found: dict[str, WrittenAttachment] = {}
    for number, one in enumerate(operations):
        if one.kind is not OperationKind.ATTACH_POLICY or one.policy_id in {*written, *found}:
            continue
        for kind in CONTROL_TYPES:
            control = drafted.before.control(kind)
            policy = control.by_id.get(one.policy_id)
            if policy is not None and not policy.aws_managed:
                in_use = any(policy in held for held in control.attached.values())
                found[one.policy_id] = WrittenAttachment(policy, kind, number, in_use)
    return found
