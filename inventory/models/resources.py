"""Resources of member accounts that have policies of their own."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from inventory.models.policies import PolicyContent
from inventory.models.trigrams import trigrams
from inventory.models.versions import Version, version_constraints, version_indexes
from inventory.record_types import identity_of
from inventory.records import ResourcePolicyRecord


class ResourcePolicy(Version):
    """A resource, whether it has a policy or not, and what else decides over access to it.

    One table for every service. `content`: the policy's text as AWS returned it; null where the
    resource has none, or where `unknown` has the key `policy`: then it could not be read. `facts`:
    see `inventory.resource_facts`. `unknown`: what could not be read, name → AWS's error code.
    """

    natural_key = identity_of(ResourcePolicyRecord)

    account_id = models.CharField(max_length=12)
    region = models.CharField(max_length=32)
    service = models.CharField(max_length=32)
    resource_type = models.CharField(max_length=64)
    arn = models.CharField(max_length=2048)
    name = models.CharField(max_length=512)
    content = models.ForeignKey(
        PolicyContent, null=True, on_delete=models.PROTECT, related_name="+"
    )
    facts = models.JSONField(default=dict)
    unknown = models.JSONField(default=dict)

    class Meta:
        constraints = version_constraints("resource_policy", ResourcePolicyRecord)
        indexes = [
            *version_indexes("resource_policy", ResourcePolicyRecord),
            models.Index(fields=["connection", "arn"], name="resource_policy_arn"),
            # Lists go through these in their order.
            models.Index(
                fields=["connection", "name", "arn"],
                include=["id", "seen_from", "seen_until"],
                name="resource_policy_name",
            ),
            *(
                models.Index(
                    fields=["connection", field, "arn"],
                    include=["id", "seen_from", "seen_until"],
                    name=f"resource_policy_{field}",
                )
                for field in ("service", "region")
            ),
            models.Index(
                fields=["connection", "seen_from", "arn"],
                include=["id", "seen_until"],
                name="resource_policy_seen_from",
            ),
            GinIndex(trigrams("name"), name="resource_policy_name_trigrams"),
        ]

    def __str__(self) -> str:
        return self.arn
