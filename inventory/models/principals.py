"""IAM of the member accounts: users, groups, roles, their policies, credentials and use."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from inventory.models.policies import PolicyContent
from inventory.models.trigrams import trigrams
from inventory.models.versions import Version, version_constraints, version_indexes
from inventory.record_types import identity_of
from inventory.records import IamPolicyRecord, PrincipalRecord, UserCredentialRecord


class Principal(Version):
    """A user, group or role: iam:GetAccountAuthorizationDetails.

    `attached_policy_arns`: managed policies. `inline_policies`: name → SHA-256 of its content.
    `groups`: names of the groups a user is in. `trust_policy`: roles only. `boundary_arn`: the
    permissions boundary, empty if there is none. What was used when is kept apart, in
    `PrincipalActivity`, because it changes without anybody changing anything.
    """

    class Kind(models.TextChoices):
        """What the principal is."""

        USER = "user", "User"
        GROUP = "group", "Group"
        ROLE = "role", "Role"

    natural_key = identity_of(PrincipalRecord)

    account_id = models.CharField(max_length=12)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    arn = models.CharField(max_length=2048)
    name = models.CharField(max_length=128)
    path = models.CharField(max_length=512)
    unique_id = models.CharField(max_length=128, help_text="AIDA…, AGPA… or AROA…")
    created_at = models.DateTimeField(null=True)
    trust_policy = models.ForeignKey(
        PolicyContent, null=True, on_delete=models.PROTECT, related_name="+"
    )
    boundary_arn = models.CharField(max_length=2048, blank=True)
    attached_policy_arns = ArrayField(models.CharField(max_length=2048), default=list)
    inline_policies = models.JSONField(default=dict)
    groups = ArrayField(models.CharField(max_length=128), default=list)
    instance_profile_arns = ArrayField(models.CharField(max_length=2048), default=list)
    tags = models.JSONField(default=dict)

    class Meta:
        constraints = version_constraints("principal", PrincipalRecord)
        indexes = [
            *version_indexes("principal", PrincipalRecord),
            # Lists go through these in their order, and count in them alone, now and in the past.
            models.Index(
                fields=["connection", "name", "arn"],
                include=["id", "seen_from", "seen_until"],
                name="principal_name",
            ),
            models.Index(
                fields=["connection", "kind", "name", "arn"],
                include=["id", "seen_from", "seen_until"],
                name="principal_kind",
            ),
            models.Index(
                fields=["connection", "name", "arn"],
                include=["id", "seen_from", "seen_until"],
                condition=~Q(boundary_arn=""),
                name="principal_bounded",
            ),
            models.Index(
                fields=["connection", "boundary_arn", "name", "arn"],
                condition=~Q(boundary_arn=""),
                name="principal_boundary",
            ),
            models.Index(fields=["connection", "created_at", "arn"], name="principal_created"),
            GinIndex(fields=["attached_policy_arns"], name="principal_attached"),
            GinIndex(fields=["tags"], name="principal_tags"),
        ]

    def __str__(self) -> str:
        return self.arn


class PrincipalName(models.Model):
    """A name that a principal of an organization has, or had.

    The same roles are in thousands of accounts, so letters are looked for among names first.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(max_length=128)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "name"], name="one_principal_name")
        ]
        indexes = [GinIndex(trigrams("name"), name="principal_name_trigrams")]

    def __str__(self) -> str:
        return self.name


class IamPolicy(Version):
    """A managed policy in use in an account, the customer's or AWS's, in its default version.

    iam:GetAccountAuthorizationDetails, which gives the tags of principals but not of policies.
    """

    natural_key = identity_of(IamPolicyRecord)

    account_id = models.CharField(max_length=12)
    arn = models.CharField(max_length=2048)
    name = models.CharField(max_length=128)
    path = models.CharField(max_length=512)
    unique_id = models.CharField(max_length=128, help_text="ANPA…")
    aws_managed = models.BooleanField()
    default_version_id = models.CharField(max_length=16)
    content = models.ForeignKey(PolicyContent, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = version_constraints("iam_policy", IamPolicyRecord)
        indexes = version_indexes("iam_policy", IamPolicyRecord)

    def __str__(self) -> str:
        return self.arn


class UserCredential(Version):
    """A user's row in the credential report, without the times of last use.

    iam:GetCredentialReport. The root user's row has the user name `<root_account>`. A value that
    AWS gives as `not_supported` or `N/A` is null.
    """

    natural_key = identity_of(UserCredentialRecord)

    account_id = models.CharField(max_length=12)
    arn = models.CharField(max_length=2048)
    user_name = models.CharField(max_length=128)
    password_enabled = models.BooleanField(null=True)
    password_last_changed_at = models.DateTimeField(null=True)
    mfa_active = models.BooleanField(null=True)
    access_key_1_active = models.BooleanField(null=True)
    access_key_1_rotated_at = models.DateTimeField(null=True)
    access_key_2_active = models.BooleanField(null=True)
    access_key_2_rotated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = version_constraints("user_credential", UserCredentialRecord)
        indexes = version_indexes("user_credential", UserCredentialRecord)

    def __str__(self) -> str:
        return self.arn


class CredentialReport(models.Model):
    """When AWS made the credential report of an account that was read last. Changed in place.

    GeneratedTime of iam:GetCredentialReport: what the report says is as old as that.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    account_id = models.CharField(max_length=12)
    generated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "account_id"], name="one_credential_report_an_account"
            )
        ]

    def __str__(self) -> str:
        return f"credential report of {self.account_id}"


class PrincipalActivity(models.Model):
    """When a principal and its credentials were last used. Changed in place, never a version.

    Roles: RoleLastUsed of iam:GetAccountAuthorizationDetails (AWS keeps 400 days). Users and the
    root user: iam:GetCredentialReport. Null: no use on record.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    account_id = models.CharField(max_length=12)
    arn = models.CharField(max_length=2048)
    last_used_at = models.DateTimeField(null=True)
    last_used_region = models.CharField(max_length=32, blank=True)
    password_last_used_at = models.DateTimeField(null=True)
    access_key_1_last_used_at = models.DateTimeField(null=True)
    access_key_1_last_used_service = models.CharField(max_length=64, blank=True)
    access_key_2_last_used_at = models.DateTimeField(null=True)
    access_key_2_last_used_service = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "account_id", "arn"], name="one_activity_a_principal"
            )
        ]
        indexes = [
            models.Index(
                fields=["connection", "arn"], include=["last_used_at"], name="activity_arn"
            ),
            models.Index(fields=["connection", "last_used_at"], name="activity_last_used"),
        ]

    def __str__(self) -> str:
        return self.arn
