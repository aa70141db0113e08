"""The organization's policies: what they say, where they are attached."""

from django.db import models

from inventory.models.versions import Version, version_constraints, version_indexes
from inventory.record_types import identity_of
from inventory.records import PolicyAttachmentRecord, PolicyRecord


class PolicyContent(models.Model):
    """The text of a policy exactly as AWS returned it, stored once by its SHA-256."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    text = models.TextField()

    def __str__(self) -> str:
        return self.sha256


class Policy(Version):
    """organizations:ListPolicies and DescribePolicy. `type` in AWS's words."""

    natural_key = identity_of(PolicyRecord)

    policy_id = models.CharField(max_length=130)
    arn = models.CharField(max_length=2048)
    name = models.CharField(max_length=128)
    description = models.CharField(max_length=512, blank=True)
    type = models.CharField(max_length=64)
    aws_managed = models.BooleanField()
    content = models.ForeignKey(PolicyContent, on_delete=models.PROTECT, related_name="+")
    tags = models.JSONField(default=dict)

    class Meta:
        constraints = version_constraints("policy", PolicyRecord)
        indexes = version_indexes("policy", PolicyRecord)

    def __str__(self) -> str:
        return f"{self.name} ({self.policy_id})"


class PolicyAttachment(Version):
    """organizations:ListTargetsForPolicy: one policy at one root, OU or account."""

    class TargetType(models.TextChoices):
        """AWS's words for the kinds of target."""

        ROOT = "ROOT", "Root"
        ORGANIZATIONAL_UNIT = "ORGANIZATIONAL_UNIT", "Organizational unit"
        ACCOUNT = "ACCOUNT", "Account"

    natural_key = identity_of(PolicyAttachmentRecord)

    policy_id = models.CharField(max_length=130)
    target_id = models.CharField(max_length=68)
    target_type = models.CharField(max_length=32, choices=TargetType.choices)

    class Meta:
        constraints = version_constraints("policy_attachment", PolicyAttachmentRecord)
        indexes = [
            *version_indexes("policy_attachment", PolicyAttachmentRecord),
            models.Index(fields=["connection", "target_id"], name="policy_attachment_target"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} at {self.target_id}"
