"""Records of what is in one account: IAM, settings, services and resources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inventory.record_types import Keep, Owner, Record, Tags, record


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
