"""How Orgwarden reaches an organization."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

ROLE_ARN = RegexValidator(
    r"^arn:aws(-[a-z-]+)?:iam::\d{12}:role/[\w+=,.@/-]+$",
    "Give the ARN of a role, such as arn:aws:iam::123456789012:role/OrgwardenOrganizationReader.",
)
ROLE_NAME = RegexValidator(
    r"^[\w+=,.@/-]{1,576}$", "Give the role's name with its path, such as OrgwardenAudit."
)
EXTERNAL_ID = RegexValidator(
    r"^[\w+=,.@:/-]{2,1224}$",
    "An ExternalId has 2 to 1,224 letters, digits and the signs + = , . @ : / -",
)


class Connection(models.Model):
    """One AWS organization that Orgwarden reads: whose roles it assumes, where and how often.

    No credential is stored: the workers' own come from boto3's default chain. The ExternalId is
    no secret (IAM user guide, "Access to AWS accounts owned by third parties").
    """

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    organization_role_arn = models.CharField(
        max_length=2048,
        validators=[ROLE_ARN],
        help_text="In the management account or a delegated administrator's.",
    )
    audit_role_name = models.CharField(
        max_length=576,
        default="OrgwardenAudit",
        validators=[ROLE_NAME],
        help_text="The same in every member account.",
    )
    apply_role_arn = models.CharField(
        max_length=2048,
        blank=True,
        validators=[ROLE_ARN],
        help_text="In the management account; empty: Orgwarden only reads this organization.",
    )
    external_id = models.CharField(max_length=1224, blank=True, validators=[EXTERNAL_ID])
    home_region = models.CharField(max_length=32, default="us-east-1")
    regions = models.JSONField(default=list, blank=True, help_text="Regions that are collected.")
    endpoint_url = models.URLField(
        blank=True, help_text="Empty for AWS itself. Another address must be allowed in settings."
    )
    schedule_minutes = models.PositiveIntegerField(
        default=60,
        validators=[MinValueValidator(0), MaxValueValidator(7 * 24 * 60)],
        help_text="Minutes between the starts of two runs; 0 for no schedule.",
    )
    enabled = models.BooleanField(default=True)
    organization_id = models.CharField(max_length=34, blank=True, editable=False)
    management_account_id = models.CharField(max_length=12, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        permissions = [("test_connection", "Can test a connection's roles")]

    def __str__(self) -> str:
        return self.name
