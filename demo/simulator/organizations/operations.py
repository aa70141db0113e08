"""Every Organizations operation the simulator answers, and which accounts may call it."""

from typing import Final

from demo.simulator.organizations import delegation, effective, hierarchy, policies, tags
from demo.simulator.organizations.request import Operation

OPERATIONS: Final[dict[str, Operation]] = {
    **hierarchy.OPERATIONS,
    **policies.OPERATIONS,
    **delegation.OPERATIONS,
    **effective.OPERATIONS,
    **tags.OPERATIONS,
}

# The API reference says of each operation who may call it: any account of the organization, the
# management account or a delegated administrator, or the management account alone.
FOR_ANY_ACCOUNT: Final = frozenset(
    {
        "DescribeOrganization",
        "DescribeEffectivePolicy",
        "ListHandshakesForAccount",
        "LeaveOrganization",
    }
)
# A delegated administrator of any service reads; writing takes the organization's resource policy.
FOR_DELEGATED_ADMINISTRATORS: Final = frozenset(
    name
    for name in OPERATIONS
    if name.startswith(("List", "Describe")) and name not in FOR_ANY_ACCOUNT
)
BY_RESOURCE_POLICY: Final = FOR_DELEGATED_ADMINISTRATORS | {
    "CreatePolicy",
    "UpdatePolicy",
    "DeletePolicy",
    "AttachPolicy",
    "DetachPolicy",
    "EnablePolicyType",
    "DisablePolicyType",
    "TagResource",
    "UntagResource",
}


def is_read(operation: str) -> bool:
    """Say whether an operation changes nothing that lasts, by AWS's naming."""
    return operation.startswith(
        ("List", "Describe", "Get", "Head", "BatchGet", "Lookup", "Generate", "Simulate")
    )
