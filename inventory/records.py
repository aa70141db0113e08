"""What collectors yield and the store keeps: frozen, without database or AWS.

Fields are named as the columns they become, and each type declares once by `record` what the store
and everything behind it have to know of it. Policy texts are AWS's own, to the letter. `tags` of
None: tags are not read here, see `TagsRecord`; what was known of them stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inventory.record_types import Keep, Owner, record
from inventory.record_types import Record as Record

Tags = Mapping[str, str]


@record(noun="organization", table="Organization", identity=("organization_id",))
@dataclass(frozen=True, slots=True)
class OrganizationRecord(Record):
    """organizations:DescribeOrganization."""

    organization_id: str
    arn: str
    feature_set: str
    management_account_id: str
    management_account_arn: str
    management_account_email: str


@record(noun="root", table="Root", identity=("target_id",), tagged_by="target_id")
@dataclass(frozen=True, slots=True)
class RootRecord(Record):
    """organizations:ListRoots. `policy_types`: type → status."""

    target_id: str
    name: str
    arn: str
    policy_types: Mapping[str, str]
    tags: Tags | None = None


@record(noun="OU", table="OrganizationalUnit", identity=("target_id",), tagged_by="target_id")
@dataclass(frozen=True, slots=True)
class OrganizationalUnitRecord(Record):
    """organizations:ListOrganizationalUnitsForParent. `path`: `r-…/ou-…/`, itself included."""

    target_id: str
    name: str
    arn: str
    parent_id: str
    path: str
    tags: Tags | None = None


@record(noun="account", table="Account", identity=("account_id",), tagged_by="account_id")
@dataclass(frozen=True, slots=True)
class AccountRecord(Record):
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


@record(noun="tags", keep=Keep.ON_OTHERS)
@dataclass(frozen=True, slots=True)
class TagsRecord(Record):
    """tag:GetResources. `resource_id`: of a root, OU, account or policy of the organization."""

    resource_id: str
    tags: Tags


@record(noun="policy", table="Policy", identity=("policy_id",), tagged_by="policy_id")
@dataclass(frozen=True, slots=True)
class PolicyRecord(Record):
    """organizations:DescribePolicy. `content`: the policy's text."""

    policy_id: str
    arn: str
    name: str
    description: str
    type: str
    aws_managed: bool
    content: str
    tags: Tags | None = None


@record(noun="attachment", table="PolicyAttachment", identity=("policy_id", "target_id"))
@dataclass(frozen=True, slots=True)
class PolicyAttachmentRecord(Record):
    """organizations:ListTargetsForPolicy."""

    policy_id: str
    target_id: str
    target_type: str


@record(
    noun="delegated administrator",
    table="DelegatedAdministrator",
    identity=("account_id", "service_principal"),
)
@dataclass(frozen=True, slots=True)
class DelegatedAdministratorRecord(Record):
    """organizations:ListDelegatedServicesForAccount."""

    account_id: str
    service_principal: str
    delegated_at: datetime | None


@record(noun="trusted service", table="TrustedService", identity=("service_principal",))
@dataclass(frozen=True, slots=True)
class TrustedServiceRecord(Record):
    """organizations:ListAWSServiceAccessForOrganization."""

    service_principal: str
    enabled_at: datetime | None


@record(
    noun="resource policy of the organization",
    table="OrganizationResourcePolicy",
    identity=("policy_id",),
)
@dataclass(frozen=True, slots=True)
class OrganizationResourcePolicyRecord(Record):
    """organizations:DescribeResourcePolicy."""

    policy_id: str
    arn: str
    content: str


@record(
    noun="organization setting",
    table="OrganizationSetting",
    identity=("account_id", "name"),
    owner=Owner.ACCOUNT,
)
@dataclass(frozen=True, slots=True)
class OrganizationSettingRecord(Record):
    """A setting that the management account holds for the whole organization, as JSON."""

    account_id: str
    name: str
    value: Any


@record(
    noun="responsibility transfer",
    table="ResponsibilityTransfer",
    identity=("account_id", "transfer_id"),
    owner=Owner.ACCOUNT,
)
@dataclass(frozen=True, slots=True)
class ResponsibilityTransferRecord(Record):
    """organizations:ListInboundResponsibilityTransfers or ListOutboundResponsibilityTransfers.

    `account_id`: this organization's management account. `direction`: `outbound` where the target
    manages this organization's billing, `inbound` where this one manages the source's. `source` and
    `target`: management accounts; empty where AWS does not name one yet, as before an invitation is
    accepted.
    """

    account_id: str
    transfer_id: str
    direction: str
    type: str
    status: str
    name: str
    arn: str
    source_account_id: str
    target_account_id: str
    starts_at: datetime | None
    ends_at: datetime | None


@record(
    noun="permission set",
    table="PermissionSet",
    identity=("account_id", "arn"),
    owner=Owner.ACCOUNT,
)
@dataclass(frozen=True, slots=True)
class PermissionSetRecord(Record):
    """sso-admin:DescribePermissionSet and what is attached to it.

    `account_id`: the owner of the instance of Identity Center. `inline_policy`: its text; None: it
    has none. `customer_policies`: names with their paths, of policies that each account has to
    have itself, sorted. `boundary`: the ARN of AWS's policy, or the customer's name with its path;
    empty: none. `session_duration`: ISO 8601.
    """

    account_id: str
    arn: str
    instance_arn: str
    name: str
    description: str
    session_duration: str
    inline_policy: str | None
    managed_policy_arns: tuple[str, ...]
    customer_policies: tuple[str, ...]
    boundary: str


@record(
    noun="assignment of a permission set",
    table="PermissionSetAssignment",
    identity=("account_id", "permission_set_arn", "principal_kind", "principal_id"),
    owner=Owner.ACCOUNT,
)
@dataclass(frozen=True, slots=True)
class PermissionSetAssignmentRecord(Record):
    """sso-admin:ListAccountAssignments. `account_id`: where the principal may sign in with it."""

    account_id: str
    permission_set_arn: str
    principal_kind: str
    principal_id: str


@record(
    noun="Identity Center principal",
    table="IdentityCenterPrincipal",
    identity=("account_id", "kind", "principal_id"),
    owner=Owner.ACCOUNT,
)
@dataclass(frozen=True, slots=True)
class IdentityCenterPrincipalRecord(Record):
    """A group of identitystore:ListGroups, or a user who has an assignment: DescribeUser.

    `account_id`: the owner of the instance. `name`: a group's display name, a user's user name.
    `members`: the ids of a group's users, sorted: identitystore:ListGroupMemberships; None of a
    user, and of a group without an assignment, which is not asked for. `external_issuers`: the
    directories that it was brought from, sorted.
    """

    account_id: str
    identity_store_id: str
    kind: str
    principal_id: str
    name: str
    description: str
    members: tuple[str, ...] | None = None
    external_issuers: tuple[str, ...] = ()


@record(
    noun="effective policy",
    table="EffectivePolicy",
    identity=("policy_type", "chain"),
    derived=True,
)
@dataclass(frozen=True, slots=True)
class EffectivePolicyRecord(Record):
    """organizations:DescribeEffectivePolicy for the accounts with one chain of attached policies.

    `chain`: of `policies.management.chains`. `content` of None: AWS says that there is none.
    """

    policy_type: str
    chain: str
    content: str | None


@record(
    noun="asking for an effective policy",
    table="EffectivePolicyAsking",
    identity=("policy_type", "chain"),
    keep=Keep.IN_PLACE,
)
@dataclass(frozen=True, slots=True)
class EffectivePolicyAskingRecord(Record):
    """When AWS was asked for the effective policy of a chain, and for which of its accounts.

    `policy_updated_at`: when AWS says that its answer was last updated.
    """

    policy_type: str
    chain: str
    account_id: str
    asked_at: datetime
    policy_updated_at: datetime | None


@record(noun="principal", table="Principal", identity=("account_id", "arn"), owner=Owner.ACCOUNT)
@dataclass(frozen=True, slots=True)
class PrincipalRecord(Record):
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


@record(noun="IAM policy", table="IamPolicy", identity=("account_id", "arn"), owner=Owner.ACCOUNT)
@dataclass(frozen=True, slots=True)
class IamPolicyRecord(Record):
    """A managed policy of iam:GetAccountAuthorizationDetails, in its default version."""

    arn: str
    name: str
    path: str
    unique_id: str
    aws_managed: bool
    default_version_id: str
    content: str


@record(
    noun="credential", table="UserCredential", identity=("account_id", "arn"), owner=Owner.ACCOUNT
)
@dataclass(frozen=True, slots=True)
class UserCredentialRecord(Record):
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


@record(
    noun="last use",
    table="PrincipalActivity",
    identity=("account_id", "arn"),
    owner=Owner.ACCOUNT,
    keep=Keep.IN_PLACE,
)
@dataclass(frozen=True, slots=True)
class PrincipalActivityRecord(Record):
    """When a role (iam:GetAccountAuthorizationDetails) or user (credential report) was used."""

    arn: str
    last_used_at: datetime | None
    last_used_region: str = ""
    password_last_used_at: datetime | None = None
    access_key_1_last_used_at: datetime | None = None
    access_key_1_last_used_service: str = ""
    access_key_2_last_used_at: datetime | None = None
    access_key_2_last_used_service: str = ""


@record(
    noun="credential report",
    table="CredentialReport",
    identity=("account_id",),
    owner=Owner.ACCOUNT,
    keep=Keep.IN_PLACE,
)
@dataclass(frozen=True, slots=True)
class CredentialReportRecord(Record):
    """When AWS made the report that iam:GetCredentialReport gives, up to four hours ago."""

    generated_at: datetime


@record(
    noun="account setting",
    table="AccountSetting",
    identity=("account_id", "name"),
    owner=Owner.ACCOUNT,
)
@dataclass(frozen=True, slots=True)
class AccountSettingRecord(Record):
    """A setting of the whole account; `value` is what JSON can hold, None: not set."""

    name: str
    value: Any


@record(
    noun="service configuration",
    table="ServiceConfiguration",
    identity=("account_id", "service", "region", "kind", "name"),
    owner=Owner.ACCOUNT,
)
@dataclass(frozen=True, slots=True)
class ServiceConfigurationRecord(Record):
    """How a service is set up in a region of an account: a trail, a recorder, a default.

    `service` as in ARNs, `kind` what it is, such as `trail`. `name`: which of them; empty where an
    account has one a region. `region`: where it is; `global` where it has none. `arn`: empty where
    it has none. `facts`: what was read, by name (`inventory.service_facts`). `unknown`: what of it
    could not be read, a name among the facts → AWS's error code. `account_id`: under whom it is
    kept; None: the account that is read.
    """

    service: str
    region: str
    kind: str
    name: str
    arn: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
    account_id: str | None = None


@record(
    noun="identity provider",
    table="IdentityProvider",
    identity=("account_id", "arn"),
    owner=Owner.ACCOUNT,
)
@dataclass(frozen=True, slots=True)
class IdentityProviderRecord(Record):
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


@record(noun="region", owner=Owner.ACCOUNT, keep=Keep.IN_RUN)
@dataclass(frozen=True, slots=True)
class RegionRecord(Record):
    """account:ListRegions. `opt_status`: AWS's word for whether the account may use the region."""

    name: str
    opt_status: str


@record(
    noun="resource policy",
    table="ResourcePolicy",
    identity=("account_id", "arn"),
    owner=Owner.ACCOUNT,
)
@dataclass(frozen=True, slots=True)
class ResourcePolicyRecord(Record):
    """A resource of an account and the policy on it, such as a bucket and s3:GetBucketPolicy.

    `service` and `resource_type` as in ARNs and in AWS's service authorization reference: `s3` and
    `bucket`. `region`: where the resource is. `content`: the policy's text; None: it has none,
    unless `unknown` names `policy`. `facts`: what else decides over access to it, as
    `inventory.resource_facts` reads it. `unknown`: what of it could not be read, `policy` or a name
    among the facts → AWS's error code.
    """

    service: str
    region: str
    resource_type: str
    arn: str
    name: str
    content: str | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
