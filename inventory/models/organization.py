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
