"""What holds for a whole member account."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from inventory.models.policies import PolicyContent
from inventory.models.versions import Version, version_constraints, version_indexes
from inventory.record_types import identity_of
from inventory.records import AccountSettingRecord, IdentityProviderRecord


class AccountSetting(Version):
    """A setting of an account as AWS gives it, as JSON.

    `name`: `password_policy` (null value: the account has none), `account_summary` (the counters
    and quotas of iam:GetAccountSummary), `account_aliases` (a list), `s3_public_access_block` (of
    `inventory.resource_facts.PublicAccessBlock`; null value: the account has none),
    `outbound_federation` (`issuer`: whose tokens the account's roles may take to services outside
    of AWS, `enabled`; null value: the account has none).
    """

    class Name(models.TextChoices):
        """The settings that are collected."""

        PASSWORD_POLICY = "password_policy", "Password policy"
        ACCOUNT_SUMMARY = "account_summary", "Account summary"
        ACCOUNT_ALIASES = "account_aliases", "Account aliases"
        S3_PUBLIC_ACCESS_BLOCK = "s3_public_access_block", "S3 Block Public Access"
        OUTBOUND_FEDERATION = "outbound_federation", "Outbound web identity federation"

    natural_key = identity_of(AccountSettingRecord)

    account_id = models.CharField(max_length=12)
    name = models.CharField(max_length=40, choices=Name.choices)
    value = models.JSONField(null=True)

    class Meta:
        constraints = version_constraints("account_setting", AccountSettingRecord)
        indexes = version_indexes("account_setting", AccountSettingRecord)

    def __str__(self) -> str:
        return f"{self.name} of {self.account_id}"


class IdentityProvider(Version):
    """A SAML or OpenID Connect provider: iam:GetSAMLProvider, iam:GetOpenIDConnectProvider.

    `url`, `client_ids` and `thumbprints`: OpenID Connect. `metadata`, `valid_until`: SAML.
    """

    class Kind(models.TextChoices):
        """The protocol."""

        SAML = "saml", "SAML"
        OIDC = "oidc", "OpenID Connect"

    natural_key = identity_of(IdentityProviderRecord)

    account_id = models.CharField(max_length=12)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    arn = models.CharField(max_length=2048)
    created_at = models.DateTimeField(null=True)
    url = models.CharField(max_length=255, blank=True)
    client_ids = ArrayField(models.CharField(max_length=255), default=list)
    thumbprints = ArrayField(models.CharField(max_length=64), default=list)
    metadata = models.ForeignKey(
        PolicyContent, null=True, on_delete=models.PROTECT, related_name="+"
    )
    valid_until = models.DateTimeField(null=True)
    tags = models.JSONField(default=dict)

    class Meta:
        constraints = version_constraints("identity_provider", IdentityProviderRecord)
        indexes = version_indexes("identity_provider", IdentityProviderRecord)

    def __str__(self) -> str:
        return self.arn
