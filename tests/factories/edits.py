"""Edits of the small organization of `snapshots.organization_snapshot`, and its ids."""

import json
from datetime import UTC, datetime

from governance.edits.operations import Operation, OperationKind

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PAYMENTS, WEBSITE, PAYMENTS_TEST = "222222222222", "222222222223", "222222222224"
LOG_ARCHIVE, RETIRED, MANAGEMENT = "333333333331", "444444444441", "111111111111"
WORKLOADS, PROD, TEST = "ou-ab12-work0001", "ou-ab12-prod0001", "ou-ab12-test0001"
ROOT, SECURITY, SUSPENDED = "r-ab12", "ou-ab12-sec00001", "ou-ab12-susp0001"


def region_lock(*regions: str, action: str = "ec2:*") -> str:
    """Return the text of an SCP that denies an action outside some regions."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Regions",
                    "Effect": "Deny",
                    "Action": action,
                    "Resource": "*",
                    "Condition": {"StringNotEquals": {"aws:RequestedRegion": list(regions)}},
                }
            ],
        }
    )


def edited(policy_id: str, text: str) -> Operation:
    """Return an edit of a policy's text."""
    return Operation(OperationKind.UPDATE_POLICY, policy_id=policy_id, text=text)


def attached(policy_id: str, target_id: str) -> Operation:
    """Return an attachment."""
    return Operation(OperationKind.ATTACH_POLICY, policy_id=policy_id, target_id=target_id)


def detached(policy_id: str, target_id: str) -> Operation:
    """Return a detachment."""
    return Operation(OperationKind.DETACH_POLICY, policy_id=policy_id, target_id=target_id)


def moved(target_id: str, parent_id: str) -> Operation:
    """Return the move of an account or an OU."""
    kind = (
        OperationKind.MOVE_ACCOUNT
        if target_id.isdecimal()
        else OperationKind.MOVE_ORGANIZATIONAL_UNIT
    )
    return Operation(kind, target_id=target_id, parent_id=parent_id)


def created(text: str, policy_id: str = "new-1", name: str = "Fresh") -> Operation:
    """Return the making of an SCP."""
    return Operation(
        OperationKind.CREATE_POLICY,
        policy_id=policy_id,
        name=name,
        policy_type="SERVICE_CONTROL_POLICY",
        text=text,
    )


def deleted(policy_id: str) -> Operation:
    """Return the deletion of a policy."""
    return Operation(OperationKind.DELETE_POLICY, policy_id=policy_id)
