"""IAM Identity Center: permission sets, who has them in which account, and groups."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from inventory.models.policies import PolicyContent
from inventory.models.versions import Version, version_constraints, version_indexes
from inventory.record_types import identity_of
from inventory.records import (
    IdentityCenterPrincipalRecord,
    PermissionSetAssignmentRecord,
    PermissionSetRecord,
)


class DirectoryKind(models.TextChoices):
    """What a principal of Identity Center is."""

    USER = "user", "User"
    GROUP = "group", "Group"


class PermissionSet(Version):
    """A permission set of the organization's instance: sso-admin:DescribePermissionSet.

    Identity Center makes a role of it, `AWSReservedSSO_<name>_…`, in each account where it is
    assigned. `boundary`: the ARN of AWS's policy, or the customer's name with its path.
    """

    natural_key = identity_of(PermissionSetRecord)

    account_id = models.CharField(max_length=12, help_text="Owner of the instance.")
    arn = models.CharField(max_length=1224)
    instance_arn = models.CharField(max_length=1224)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=700, blank=True)
    session_duration = models.CharField(max_length=100, blank=True)
    inline_policy = models.ForeignKey(
        PolicyContent, null=True, on_delete=models.PROTECT, related_name="+"
    )
    managed_policy_arns = ArrayField(models.CharField(max_length=2048), default=list)
    customer_policies = ArrayField(models.CharField(max_length=640), default=list)
    boundary = models.CharField(max_length=2048, blank=True)

    class Meta:
        constraints = version_constraints("permission_set", PermissionSetRecord)
        indexes = version_indexes("permission_set", PermissionSetRecord)

    def __str__(self) -> str:
        return self.name


class PermissionSetAssignment(Version):
    """A user or group that may sign in to an account with a permission set.

    sso-admin:ListAccountAssignments.
    """

    natural_key = identity_of(PermissionSetAssignmentRecord)

    account_id = models.CharField(max_length=12)
    permission_set_arn = models.CharField(max_length=1224)
    principal_kind = models.CharField(max_length=5, choices=DirectoryKind.choices)
    principal_id = models.CharField(max_length=47)

    class Meta:
        constraints = version_constraints("permission_use", PermissionSetAssignmentRecord)
        indexes = [
            *version_indexes("permission_use", PermissionSetAssignmentRecord),
            models.Index(fields=["connection", "principal_id"], name="permission_use_whom"),
        ]

    def __str__(self) -> str:
        return f"{self.principal_kind} {self.principal_id} in {self.account_id}"


class IdentityCenterPrincipal(Version):
    """A group of Identity Center, or a user who has an assignment.

    identitystore:ListGroups, ListGroupMemberships, DescribeUser. `members`: ids of users; null of a
    user, and of a group without an assignment.
    """

    natural_key = identity_of(IdentityCenterPrincipalRecord)

    account_id = models.CharField(max_length=12, help_text="Owner of the instance.")
    identity_store_id = models.CharField(max_length=36)
    kind = models.CharField(max_length=5, choices=DirectoryKind.choices)
    principal_id = models.CharField(max_length=47)
    name = models.CharField(max_length=1024)
    description = models.CharField(max_length=1024, blank=True)
    members = ArrayField(models.CharField(max_length=47), null=True)
    external_issuers = ArrayField(models.CharField(max_length=100), default=list)

    class Meta:
        constraints = version_constraints("directory", IdentityCenterPrincipalRecord)
        indexes = [
            *version_indexes("directory", IdentityCenterPrincipalRecord),
            GinIndex(fields=["members"], name="directory_members"),
        ]

    def __str__(self) -> str:
        return self.name
