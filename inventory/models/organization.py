"""The organization: its root, organizational units, accounts and what they delegate."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from inventory.models.policies import PolicyContent
from inventory.models.versions import Version, version_constraints, version_indexes
from inventory.record_types import identity_of
from inventory.records import (
    AccountRecord,
    DelegatedAdministratorRecord,
    OrganizationalUnitRecord,
    OrganizationRecord,
    OrganizationResourcePolicyRecord,
    OrganizationSettingRecord,
    ResponsibilityTransferRecord,
    RootRecord,
    TrustedServiceRecord,
)


class Organization(Version):
    """organizations:DescribeOrganization."""

    natural_key = identity_of(OrganizationRecord)

    organization_id = models.CharField(max_length=34)
    arn = models.CharField(max_length=2048)
    feature_set = models.CharField(max_length=32)
    management_account_id = models.CharField(max_length=12)
    management_account_arn = models.CharField(max_length=2048)
    management_account_email = models.CharField(max_length=254)

    class Meta:
        constraints = version_constraints("organization", OrganizationRecord)
        indexes = version_indexes("organization", OrganizationRecord)

    def __str__(self) -> str:
        return self.organization_id


class Root(Version):
    """organizations:ListRoots. `policy_types`: type → status in AWS's words, such as ENABLED."""

    natural_key = identity_of(RootRecord)

    target_id = models.CharField(max_length=34)
    name = models.CharField(max_length=128)
    arn = models.CharField(max_length=2048)
    policy_types = models.JSONField(default=dict)
    tags = models.JSONField(default=dict)

    class Meta:
        constraints = version_constraints("root", RootRecord)
        indexes = version_indexes("root", RootRecord)

    def __str__(self) -> str:
        return self.target_id


class OrganizationalUnit(Version):
    """organizations:ListOrganizationalUnitsForParent.

    `path` holds the ids from the root to this unit, each followed by `/`: `r-ab12/ou-…/ou-…/`.
    """

    natural_key = identity_of(OrganizationalUnitRecord)

    target_id = models.CharField(max_length=68)
    name = models.CharField(max_length=128)
    arn = models.CharField(max_length=2048)
    parent_id = models.CharField(max_length=68)
    path = models.CharField(max_length=512)
    tags = models.JSONField(default=dict)

    # Set where only its name may be seen (`inventory.viewing`).
    tags_hidden = False

    class Meta:
        constraints = version_constraints("organizational_unit", OrganizationalUnitRecord)
        indexes = [
            *version_indexes("organizational_unit", OrganizationalUnitRecord),
            models.Index(fields=["connection", "path"], name="organizational_unit_path"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.target_id})"


class Account(Version):
    """organizations:ListAccounts. `path` holds the ids from the root to the parent, as for OUs."""

    natural_key = identity_of(AccountRecord)

    account_id = models.CharField(max_length=12)
    name = models.CharField(max_length=128)
    email = models.CharField(max_length=254)
    arn = models.CharField(max_length=2048)
    state = models.CharField(max_length=32)
    parent_id = models.CharField(max_length=68)
    path = models.CharField(max_length=512)
    joined_method = models.CharField(max_length=16)
    joined_at = models.DateTimeField(null=True)
    tags = models.JSONField(default=dict)

    class Meta:
        constraints = version_constraints("account", AccountRecord)
        indexes = [
            *version_indexes("account", AccountRecord),
            models.Index(fields=["connection", "path"], name="account_path"),
            models.Index(
                fields=["connection", "name", "id"],
                name="account_by_name",
                condition=models.Q(seen_until__isnull=True),
            ),
            models.Index(
                fields=["connection", "parent_id", "name", "account_id"],
                name="account_in_parent",
                condition=models.Q(seen_until__isnull=True),
            ),
            GinIndex(fields=["tags"], name="account_tags"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.account_id})"


class DelegatedAdministrator(Version):
    """An account that administers a service for the organization; one row a service.

    organizations:ListDelegatedAdministrators and ListDelegatedServicesForAccount.
    """

    natural_key = identity_of(DelegatedAdministratorRecord)

    account_id = models.CharField(max_length=12)
    service_principal = models.CharField(max_length=128)
    delegated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = version_constraints("delegated_admin", DelegatedAdministratorRecord)
        indexes = version_indexes("delegated_admin", DelegatedAdministratorRecord)

    def __str__(self) -> str:
        return f"{self.account_id} for {self.service_principal}"


class TrustedService(Version):
    """organizations:ListAWSServiceAccessForOrganization."""

    natural_key = identity_of(TrustedServiceRecord)

    service_principal = models.CharField(max_length=128)
    enabled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = version_constraints("trusted_service", TrustedServiceRecord)
        indexes = version_indexes("trusted_service", TrustedServiceRecord)

    def __str__(self) -> str:
        return self.service_principal


class OrganizationResourcePolicy(Version):
    """organizations:DescribeResourcePolicy, the policy that delegates the organization's calls."""

    natural_key = identity_of(OrganizationResourcePolicyRecord)

    policy_id = models.CharField(max_length=130)
    arn = models.CharField(max_length=2048)
    content = models.ForeignKey(PolicyContent, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = version_constraints("org_resource_policy", OrganizationResourcePolicyRecord)
        indexes = version_indexes("org_resource_policy", OrganizationResourcePolicyRecord)

    def __str__(self) -> str:
        return self.policy_id


class OrganizationSetting(Version):
    """A setting that the management account holds for the whole organization, as JSON.

    `name`: `root_access_features` (a list of iam:ListOrganizationsFeatures, such as
    `RootCredentialsManagement` and `RootSessions`; empty: none is enabled),
    `identity_center_instances` (sso-admin:ListInstances: a list of `arn`, `identity_store_id`,
    `owner_account_id`, `region`, `status`; empty: the organization has none).
    """

    class OrganizationSettingName(models.TextChoices):
        """The settings that are collected."""

        ROOT_ACCESS_FEATURES = "root_access_features", "Central root access"
        IDENTITY_CENTER_INSTANCES = "identity_center_instances", "Identity Center instances"

    natural_key = identity_of(OrganizationSettingRecord)

    account_id = models.CharField(max_length=12, help_text="The management account.")
    name = models.CharField(max_length=40, choices=OrganizationSettingName.choices)
    value = models.JSONField(null=True)

    class Meta:
        constraints = version_constraints("organization_setting", OrganizationSettingRecord)
        indexes = version_indexes("organization_setting", OrganizationSettingRecord)

    def __str__(self) -> str:
        return self.name


class ResponsibilityTransfer(Version):
    """The management of an organization's billing by another organization, or an invitation to it.

    organizations:ListInboundResponsibilityTransfers, ListOutboundResponsibilityTransfers.
    """

    class TransferDirection(models.TextChoices):
        """Who manages whose."""

        INBOUND = "inbound", "This organization manages another's"
        OUTBOUND = "outbound", "Another organization manages this one's"

    natural_key = identity_of(ResponsibilityTransferRecord)

    account_id = models.CharField(max_length=12, help_text="The management account.")
    transfer_id = models.CharField(max_length=64)
    direction = models.CharField(max_length=8, choices=TransferDirection.choices)
    type = models.CharField(max_length=32, help_text="In AWS's words: BILLING.")
    status = models.CharField(max_length=32, help_text="In AWS's words, such as ACCEPTED.")
    name = models.CharField(max_length=256, blank=True)
    arn = models.CharField(max_length=2048)
    source_account_id = models.CharField(max_length=12, blank=True)
    target_account_id = models.CharField(max_length=12, blank=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = version_constraints("billing_transfer", ResponsibilityTransferRecord)
        indexes = version_indexes("billing_transfer", ResponsibilityTransferRecord)

    def __str__(self) -> str:
        return self.arn
