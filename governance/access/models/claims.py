"""Which claims of an identity provider give which roles."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from governance.access.roles import Role


class ClaimRule(models.Model):
    """Whoever comes from the provider with `value` in the groups claim holds a role at a place.

    The place is that of a role assignment: everywhere (`connection` null), an organization, or an
    OU or account in it. `provider_id` is that of the settings. A rule that `needs_confirmation`
    gives nothing before a second person has confirmed it.
    """

    provider_id = models.CharField(max_length=40)
    value = models.CharField(max_length=200, help_text="A value of the claim, such as a group.")
    role = models.CharField(max_length=20, choices=Role.choices)
    connection = models.ForeignKey(
        "inventory.Connection", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    target_id = models.CharField(max_length=68, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    needs_confirmation = models.BooleanField(default=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["provider_id", "value", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(connection__isnull=False) | Q(target_id=""),
                name="claim_rule_target_in_an_organization",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | Q(created_by__isnull=True)
                | ~Q(confirmed_by=F("created_by")),
                name="claim_rule_confirmed_by_another",
            ),
            models.UniqueConstraint(
                fields=["provider_id", "value", "role", "connection", "target_id"],
                nulls_distinct=False,
                name="one_claim_rule",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value} gives {self.role}"

    @property
    def waits(self) -> bool:
        """Whether it gives nothing yet, because a second person has not confirmed it."""
        return self.needs_confirmation and self.confirmed_at is None
