"""Records of the organization, read by its management account or delegated administrators."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inventory.record_types import Keep, Owner, Record, Tags, record


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
