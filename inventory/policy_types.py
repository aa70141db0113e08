"""The organization's policy types, in AWS's order, with the short codes that tables show."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class OrganizationPolicyType:
    """`name`: AWS's constant. `code`: short, for chips. `authorizes`: it allows or denies calls.

    `default_policy_id`: the AWS managed policy that AWS attaches to every target of this type.
    """

    name: str
    code: str
    label: str
    authorizes: bool = False
    default_policy_id: str = ""


# organizations: PolicyType in the service's API model, 15 on 2026-11-01.
POLICY_TYPES: Final[tuple[OrganizationPolicyType, ...]] = (
    OrganizationPolicyType(
        "SERVICE_CONTROL_POLICY", "SCP", "Service control policy", True, "p-FullAWSAccess"
    ),
    OrganizationPolicyType(
        "RESOURCE_CONTROL_POLICY", "RCP", "Resource control policy", True, "p-RCPFullAWSAccess"
    ),
    OrganizationPolicyType("TAG_POLICY", "TAG", "Tag policy"),
    OrganizationPolicyType("BACKUP_POLICY", "BKP", "Backup policy"),
    OrganizationPolicyType("AISERVICES_OPT_OUT_POLICY", "AI", "AI services opt-out policy"),
    OrganizationPolicyType("CHATBOT_POLICY", "CHAT", "Chat applications policy"),
    OrganizationPolicyType("DECLARATIVE_POLICY_EC2", "EC2", "Declarative policy for EC2"),
    OrganizationPolicyType("SECURITYHUB_POLICY", "HUB", "Security Hub policy"),
    OrganizationPolicyType("SECURITYHUB_CSPM_POLICY", "CSPM", "Security Hub CSPM policy"),
    OrganizationPolicyType("INSPECTOR_POLICY", "INSP", "Amazon Inspector policy"),
    OrganizationPolicyType("UPGRADE_ROLLOUT_POLICY", "UPGR", "Upgrade rollout policy"),
    OrganizationPolicyType("BEDROCK_POLICY", "BED", "Amazon Bedrock policy"),
    OrganizationPolicyType("S3_POLICY", "S3", "Amazon S3 policy"),
    OrganizationPolicyType(
        "NETWORK_SECURITY_DIRECTOR_POLICY", "NSD", "Network security director policy"
    ),
    OrganizationPolicyType("GUARDDUTY_POLICY", "GD", "GuardDuty policy"),
)
POLICY_TYPE_BY_NAME: Final = {policy_type.name: policy_type for policy_type in POLICY_TYPES}
# Those that configure instead of allowing or denying: they have an effective policy at AWS.
MANAGEMENT_POLICY_TYPES: Final = tuple(
    policy_type.name for policy_type in POLICY_TYPES if not policy_type.authorizes
)
DEFAULT_POLICY_IDS: Final = frozenset(
    policy_type.default_policy_id for policy_type in POLICY_TYPES if policy_type.default_policy_id
)


def policy_type(name: str) -> OrganizationPolicyType:
    """Return the type named `name`; one that AWS added since gets its own name as its label."""
    known = POLICY_TYPE_BY_NAME.get(name)
    if known is not None:
        return known
    words = name.removesuffix("_POLICY").replace("_", " ")
    return OrganizationPolicyType(name, words[:4].strip(), f"{words.capitalize()} policy")
