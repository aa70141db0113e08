"""The kinds of policy AWS knows, by the names its APIs use, and the limits on each.

Organization types are the values of `PolicyType` in the Organizations API; the others are named
after the IAM user guide, "Policies and permissions in IAM".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Final, TypedDict


class PolicyType(StrEnum):
    """What a policy document is used as; it decides what the document may contain."""

    SERVICE_CONTROL_POLICY = "SERVICE_CONTROL_POLICY"
    RESOURCE_CONTROL_POLICY = "RESOURCE_CONTROL_POLICY"
    TAG_POLICY = "TAG_POLICY"
    BACKUP_POLICY = "BACKUP_POLICY"
    AISERVICES_OPT_OUT_POLICY = "AISERVICES_OPT_OUT_POLICY"
    CHATBOT_POLICY = "CHATBOT_POLICY"
    DECLARATIVE_POLICY_EC2 = "DECLARATIVE_POLICY_EC2"
    SECURITYHUB_POLICY = "SECURITYHUB_POLICY"
    SECURITYHUB_CSPM_POLICY = "SECURITYHUB_CSPM_POLICY"
    INSPECTOR_POLICY = "INSPECTOR_POLICY"
    UPGRADE_ROLLOUT_POLICY = "UPGRADE_ROLLOUT_POLICY"
    BEDROCK_POLICY = "BEDROCK_POLICY"
    S3_POLICY = "S3_POLICY"
    NETWORK_SECURITY_DIRECTOR_POLICY = "NETWORK_SECURITY_DIRECTOR_POLICY"
    GUARDDUTY_POLICY = "GUARDDUTY_POLICY"
    IDENTITY_POLICY = "IDENTITY_POLICY"
    PERMISSION_BOUNDARY = "PERMISSION_BOUNDARY"
    SESSION_POLICY = "SESSION_POLICY"
    RESOURCE_POLICY = "RESOURCE_POLICY"
    TRUST_POLICY = "TRUST_POLICY"
    VPC_ENDPOINT_POLICY = "VPC_ENDPOINT_POLICY"


ACCESS_POLICY_TYPES: Final = frozenset(
    {
        PolicyType.SERVICE_CONTROL_POLICY,
        PolicyType.RESOURCE_CONTROL_POLICY,
        PolicyType.IDENTITY_POLICY,
        PolicyType.PERMISSION_BOUNDARY,
        PolicyType.SESSION_POLICY,
        PolicyType.RESOURCE_POLICY,
        PolicyType.TRUST_POLICY,
        PolicyType.VPC_ENDPOINT_POLICY,
    }
)
"""Types whose documents are statements that allow or deny."""

MANAGEMENT_POLICY_TYPES: Final = frozenset(PolicyType) - ACCESS_POLICY_TYPES
"""Types whose documents are trees of settings with `@@` inheritance operators."""

ORGANIZATION_POLICY_TYPES: Final = MANAGEMENT_POLICY_TYPES | {
    PolicyType.SERVICE_CONTROL_POLICY,
    PolicyType.RESOURCE_CONTROL_POLICY,
}
"""The fifteen types that attach to roots, OUs and accounts."""


@dataclass(frozen=True, slots=True)
class PolicyLimits:
    """AWS's limits on one policy type; None where AWS states none.

    `characters` counts as `whitespace_counts` says: IAM does not count white space, Organizations
    counts what is saved.
    """

    characters: int | None
    whitespace_counts: bool
    attached_per_target: int | None
    since: date


class _LimitRow(TypedDict):
    policy_types: list[str]
    since: str
    characters: int | None
    whitespace_counts: bool
    attached_per_target: int | None


@lru_cache(maxsize=1)
def _limits_by_type() -> dict[PolicyType, tuple[PolicyLimits, ...]]:
    text = resources.files("policies.language").joinpath("limits.json").read_text("utf-8")
    rows: list[_LimitRow] = json.loads(text)["limits"]
    found: dict[PolicyType, list[PolicyLimits]] = {}
    for row in rows:
        limits = PolicyLimits(
            characters=row["characters"],
            whitespace_counts=row["whitespace_counts"],
            attached_per_target=row["attached_per_target"],
            since=date.fromisoformat(row["since"]),
        )
        for name in row["policy_types"]:
            found.setdefault(PolicyType(name), []).append(limits)
    return {kind: tuple(sorted(rows, key=lambda r: r.since)) for kind, rows in found.items()}


def policy_limits(policy_type: PolicyType, *, on: date | None = None) -> PolicyLimits:
    """Return the limits that hold for `policy_type` on a day; without a day, the latest known.

    Source: Organizations user guide, "Quotas and service limits"; IAM user guide, "IAM and AWS
    STS quotas". The numbers are in `limits.json`, each with the day since which it holds.
    """
    rows = _limits_by_type()[policy_type]
    if on is None:
        return rows[-1]
    return next((row for row in reversed(rows) if row.since <= on), rows[0])


def policy_size(text: str, limits: PolicyLimits) -> int:
    """Return the characters of `text` that count against `limits`."""
    if limits.whitespace_counts:
        return len(text)
    return sum(map(len, text.split()))
