"""AWS Organizations' quotas, by policy type where they differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class PolicyQuota:
    """`characters`: longest content. `per_target`: most attachments of a root, OU or account.

    `top_key`: the one key a management policy's document starts with, none where AWS's guide does
    not fix one. `policies`: most policies of this type in an organization.
    """

    characters: int
    per_target: int
    policies: int = 1_000
    top_key: str = ""


# User guide "Quotas for AWS Organizations"; SCP: 10,240 characters and 10 a target since May 2026.
POLICY_QUOTAS: Final[Mapping[str, PolicyQuota]] = {
    "SERVICE_CONTROL_POLICY": PolicyQuota(10_240, 10, 10_000),
    "RESOURCE_CONTROL_POLICY": PolicyQuota(5_120, 5),
    "TAG_POLICY": PolicyQuota(10_000, 10, top_key="tags"),
    "BACKUP_POLICY": PolicyQuota(10_000, 10, top_key="plans"),
    "AISERVICES_OPT_OUT_POLICY": PolicyQuota(2_500, 5, top_key="services"),
    "CHATBOT_POLICY": PolicyQuota(10_000, 5, top_key="chatbots"),
    "DECLARATIVE_POLICY_EC2": PolicyQuota(10_000, 10, top_key="ec2_attributes"),
    "SECURITYHUB_POLICY": PolicyQuota(10_000, 10, top_key="securityhub"),
    "SECURITYHUB_CSPM_POLICY": PolicyQuota(10_000, 10),
    "INSPECTOR_POLICY": PolicyQuota(10_000, 10, top_key="inspector"),
    "UPGRADE_ROLLOUT_POLICY": PolicyQuota(10_000, 10, top_key="upgrade_rollout"),
    "BEDROCK_POLICY": PolicyQuota(10_000, 10, top_key="bedrock"),
    "S3_POLICY": PolicyQuota(10_000, 10, top_key="s3_attributes"),
    "NETWORK_SECURITY_DIRECTOR_POLICY": PolicyQuota(10_000, 10),
    "GUARDDUTY_POLICY": PolicyQuota(10_000, 10),
}

# The AWS managed policies that come with a type: attached everywhere once the type is enabled.
DEFAULT_POLICIES: Final[Mapping[str, str]] = {
    "SERVICE_CONTROL_POLICY": "p-FullAWSAccess",
    "RESOURCE_CONTROL_POLICY": "p-RCPFullAWSAccess",
}

ORGANIZATIONAL_UNITS: Final = 2_000
ORGANIZATIONAL_UNIT_DEPTH: Final = 5
TAGS_PER_RESOURCE: Final = 50
PAGE_SIZE: Final = 20
