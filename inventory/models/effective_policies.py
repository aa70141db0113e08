"""What AWS says that management policies amount to, and when it was asked."""

from django.db import models

from inventory.models.policies import PolicyContent
from inventory.models.versions import Version, version_constraints, version_indexes
from inventory.record_types import identity_of
from inventory.records import EffectivePolicyRecord


class EffectivePolicy(Version):
    """organizations:DescribeEffectivePolicy, one row a type and chain of attached policies.

    All accounts with the same chain (`policies.management.chains`) have the same effective policy,
    so it is asked for and stored once for them. `content`: AWS's answer, null where AWS says that
    there is none. When and for which account it was asked is kept apart, in
    `EffectivePolicyAsking`, because that changes without anybody changing anything.
    """

    natural_key = identity_of(EffectivePolicyRecord)

    policy_type = models.CharField(max_length=64)
    chain = models.CharField(max_length=64)
    content = models.ForeignKey(
        PolicyContent, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = version_constraints("effective_policy", EffectivePolicyRecord)
        indexes = version_indexes("effective_policy", EffectivePolicyRecord)

    def __str__(self) -> str:
        return f"{self.policy_type} {self.chain[:12]}"


class EffectivePolicyAsking(models.Model):
    """When AWS was last asked for a chain's effective policy. Changed in place, never a version.

    `account_id`: the account that was asked for. `policy_updated_at`: when AWS says that the
    effective policy was last updated.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    policy_type = models.CharField(max_length=64)
    chain = models.CharField(max_length=64)
    account_id = models.CharField(max_length=12)
    asked_at = models.DateTimeField()
    policy_updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "policy_type", "chain"], name="one_asking_a_chain"
            )
        ]

    def __str__(self) -> str:
        return f"{self.policy_type} {self.chain[:12]} at {self.asked_at}"
