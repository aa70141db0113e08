"""Which claims of an identity provider give which roles."""

from django.db import models
from django.db.models import Q

from governance.access.roles import Role


class ClaimRule(models.Model):
    """Whoever comes from the provider with `value` in the groups claim holds a role at a place.

    The place is that of a role assignment: everywhere (`connection` null), an organization, or an
    OU or account in it. `provider_id` is that of the settings.
    """

    provider_id = models.CharField(max_length=40)
    value = models.CharField(max_length=200, help_text="A value of the claim, such as a group.")
    role = models.CharField(max_length=20, choices=Role.choices)
    connection = models.ForeignKey(
        "inventory.Connection", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    target_id = models.CharField(max_length=68, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["provider_id", "value", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(connection__isnull=False) | Q(target_id=""),
                name="claim_rule_target_in_an_organization",
            ),
            models.UniqueConstraint(
                fields=["provider_id", "value", "role", "connection", "target_id"],
                nulls_distinct=False,
                name="one_claim_rule",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value} gives {self.role}"
