"""What AWS Control Tower owns in an organization, and its own way to change that.

Control Tower attaches its preventive controls as SCPs and RCPs that it names `aws-guardrails-…` to
the OUs that it governs, and repairs or reports as drift what others change of them (Control Tower
user guide, "Types of governance drift"). Its controls are not collected, so that it is told by
these names.
"""

from collections.abc import Iterable
from typing import Final

from governance.posture.state.organization import ControlPolicy

_POLICY_NAMES: Final = "aws-guardrails-"
POLICY_WAY: Final = (
    "it belongs to AWS Control Tower. Enable or disable the control on the OU in Control Tower "
    "(EnableControl, DisableControl), which attaches and detaches its policy"
)
ACCOUNT_WAY: Final = (
    "is governed by AWS Control Tower. Change the account's OU in Control Tower's Account Factory "
    "(update the account), which enrolls it there"
)
UNIT_WAY: Final = (
    "is governed by AWS Control Tower. Deregister the OU in Control Tower first, or change it there"
)


def is_control_towers(policy: ControlPolicy) -> bool:
    """Whether Control Tower made a policy, told by its name."""
    return policy.name.lower().startswith(_POLICY_NAMES)


def is_governed(policies: Iterable[ControlPolicy]) -> bool:
    """Whether a target with these policies is governed by Control Tower."""
    return any(is_control_towers(policy) for policy in policies)
