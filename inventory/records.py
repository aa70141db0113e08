"""What collectors yield and the store keeps: frozen, without database or AWS.

Fields are named as the columns they become. Policy texts are AWS's own, to the letter. `tags` of
None: tags are not read here, see `TagsRecord`; what was known of them stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Tags = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OrganizationRecord:
    """organizations:DescribeOrganization."""

    organization_id: str
    arn: str
    feature_set: str
    management_account_id: str
    management_account_arn: str
    management_account_email: str


@dataclass(frozen=True, slots=True)
class RootRecord:
    """organizations:ListRoots. `policy_types`: type → status."""

    target_id: str
    name: str
    arn: str
    policy_types: Mapping[str, str]
    tags: Tags | None = None


@dataclass(frozen=True, slots=True)
class OrganizationalUnitRecord:
    """organizations:ListOrganizationalUnitsForParent. `path`: `r-…/ou-…/`, itself included."""

    target_id: str
    name: str
    arn: str
    parent_id: str
    path: str
    tags: Tags | None = None


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """organizations:ListAccounts. `path`: the parent's."""

    account_id: str
    name: str
    email: str
    arn: str
    state: str
    parent_id: str
    path: str
    joined_method: str
    joined_at: datetime | None
    tags: Tags | None = None


@dataclass(frozen=True, slots=True)
class TagsRecord:
    """tag:GetResources. `resource_id`: of a root, OU, account or policy of the organization."""

    resource_id: str
    tags: Tags


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """organizations:DescribePolicy. `content`: the policy's text."""

    policy_id: str
    arn: str
    name: str
    description: str
    type: str
    aws_managed: bool
    content: str
    tags: Tags | None = None


@dataclass(frozen=True, slots=True)
class PolicyAttachmentRecord:
    """organizations:ListTargetsForPolicy."""

    policy_id: str
    target_id: str
    target_type: str


@dataclass(frozen=True, slots=True)
class DelegatedAdministratorRecord:
    """organizations:ListDelegatedServicesForAccount."""

    account_id: str
    service_principal: str
    delegated_at: datetime | None


@dataclass(frozen=True, slots=True)
class TrustedServiceRecord:
    """organizations:ListAWSServiceAccessForOrganization."""

    service_principal: str
    enabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrganizationResourcePolicyRecord:
    """organizations:DescribeResourcePolicy."""

    policy_id: str
    arn: str
    content: str


@dataclass(frozen=True, slots=True)
class EffectivePolicyRecord:
    """organizations:DescribeEffectivePolicy for the accounts with one chain of attached policies.

    `chain`: of `policies.management.chains`. `content` of None: AWS says that there is none.
    """

    policy_type: str
    chain: str
    content: str | None


@dataclass(frozen=True, slots=True)
class EffectivePolicyAskingRecord:
    """When AWS was asked for the effective policy of a chain, and for which of its accounts.

    `policy_updated_at`: when AWS says that its answer was last updated.
    """

    policy_type: str
    chain: str
    account_id: str
    asked_at: datetime
    policy_updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class PrincipalRecord:
    """A user, group or role of iam:GetAccountAuthorizationDetails.

    `trust_policy`: a role's, as text. `inline_policies`: name → text.
    """

    kind: str
    arn: str
    name: str
    path: str
    unique_id: str
    created_at: datetime | None
    trust_policy: str | None
    boundary_arn: str
    attached_policy_arns: tuple[str, ...]
    inline_policies: Mapping[str, str]
    groups: tuple[str, ...] = ()
    instance_profile_arns: tuple[str, ...] = ()
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IamPolicyRecord:
    """A managed policy of iam:GetAccountAuthorizationDetails, in its default version."""

    arn: str
    name: str
    path: str
    unique_id: str
    aws_managed: bool
    default_version_id: str
    content: str


@dataclass(frozen=True, slots=True)
class UserCredentialRecord:
    """A row of iam:GetCredentialReport. None: AWS says not_supported or N/A."""

    arn: str
    user_name: str
    password_enabled: bool | None
    password_last_changed_at: datetime | None
    mfa_active: bool | None
    access_key_1_active: bool | None
    access_key_1_rotated_at: datetime | None
    access_key_2_active: bool | None
    access_key_2_rotated_at: datetime | None


@dataclass(frozen=True, slots=True)
class PrincipalActivityRecord:
    """When a role (iam:GetAccountAuthorizationDetails) or user (credential report) was used."""

    arn: str
    last_used_at: datetime | None
    last_used_region: str = ""
    password_last_used_at: datetime | None = None
    access_key_1_last_used_at: datetime | None = None
    access_key_1_last_used_service: str = ""
    access_key_2_last_used_at: datetime | None = None
    access_key_2_last_used_service: str = ""


@dataclass(frozen=True, slots=True)
class AccountSettingRecord:
    """A setting of the whole account; `value` is what JSON can hold, None: not set."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class IdentityProviderRecord:
    """iam:GetSAMLProvider or iam:GetOpenIDConnectProvider. `metadata`: SAML, as text."""

    kind: str
    arn: str
    created_at: datetime | None
    url: str = ""
    client_ids: tuple[str, ...] = ()
    thumbprints: tuple[str, ...] = ()
    metadata: str | None = None
    valid_until: datetime | None = None
    tags: Tags = field(default_factory=dict)


Record = (
    OrganizationRecord
    | RootRecord
    | OrganizationalUnitRecord
    | AccountRecord
    | TagsRecord
    | PolicyRecord
    | PolicyAttachmentRecord
    | DelegatedAdministratorRecord
    | TrustedServiceRecord
    | OrganizationResourcePolicyRecord
    | EffectivePolicyRecord
    | EffectivePolicyAskingRecord
    | PrincipalRecord
    | IamPolicyRecord
    | UserCredentialRecord
    | PrincipalActivityRecord
    | AccountSettingRecord
    | IdentityProviderRecord
)
