"""The organization's policy types, in AWS's order, with the short codes that tables show."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class PolicyType:
    """`name`: AWS's constant. `code`: short, for chips. `authorizes`: it allows or denies calls.

    `default_policy_id`: the AWS managed policy that AWS attaches to every target of this type.
    """

    name: str
    code: str
    label: str
    authorizes: bool = False
    default_policy_id: str = ""


# organizations: PolicyType in the service's API model, 15 on 2026-11-01.
POLICY_TYPES: Final[tuple[PolicyType, ...]] = (
    PolicyType("SERVICE_CONTROL_POLICY", "SCP", "Service control policy", True, "p-FullAWSAccess"),
    PolicyType(
        "RESOURCE_CONTROL_POLICY", "RCP", "Resource control policy", True, "p-RCPFullAWSAccess"
    ),
    PolicyType("TAG_POLICY", "TAG", "Tag policy"),
    PolicyType("BACKUP_POLICY", "BKP", "Backup policy"),
    PolicyType("AISERVICES_OPT_OUT_POLICY", "AI", "AI services opt-out policy"),
    PolicyType("CHATBOT_POLICY", "CHAT", "Chat applications policy"),
    PolicyType("DECLARATIVE_POLICY_EC2", "EC2", "Declarative policy for EC2"),
    PolicyType("SECURITYHUB_POLICY", "HUB", "Security Hub policy"),
    PolicyType("SECURITYHUB_CSPM_POLICY", "CSPM", "Security Hub CSPM policy"),
    PolicyType("INSPECTOR_POLICY", "INSP", "Amazon Inspector policy"),
    PolicyType("UPGRADE_ROLLOUT_POLICY", "UPGR", "Upgrade rollout policy"),
    PolicyType("BEDROCK_POLICY", "BED", "Amazon Bedrock policy"),
    PolicyType("S3_POLICY", "S3", "Amazon S3 policy"),
    PolicyType("NETWORK_SECURITY_DIRECTOR_POLICY", "NSD", "Network security director policy"),
    PolicyType("GUARDDUTY_POLICY", "GD", "GuardDuty policy"),
)
POLICY_TYPE_BY_NAME: Final = {policy_type.name: policy_type for policy_type in POLICY_TYPES}
# Those that configure instead of allowing or denying: they have an effective policy at AWS.
MANAGEMENT_POLICY_TYPES: Final = tuple(
    policy_type.name for policy_type in POLICY_TYPES if not policy_type.authorizes
)
DEFAULT_POLICY_IDS: Final = frozenset(
    policy_type.default_policy_id for policy_type in POLICY_TYPES if policy_type.default_policy_id
)


def policy_type(name: str) -> PolicyType:
    """Return the type named `name`; one that AWS added since gets its own name as its label."""
    known = POLICY_TYPE_BY_NAME.get(name)
    if known is not None:
        return known
    words = name.removesuffix("_POLICY").replace("_", " ")
    return PolicyType(name, words[:4].strip(), f"{words.capitalize()} policy")
