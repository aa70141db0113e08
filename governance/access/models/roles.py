"""Who holds which role where."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Q

from governance.access.roles import Role


class RoleAssignment(models.Model):
    """A person or a group holds a role at a place.

    The place: everywhere (`connection` null), an organization (`target_id` empty), an OU with all
    below it, or an account. It counts from `created_at` until `ends_at`, and where a second person
    has to agree (`needs_confirmation`), from when `confirmed_at` is set.
    """

    class Source(models.TextChoices):
        """What made it. Those of a claim go when the claim does, at the next sign-in."""

        BY_HAND = "by_hand", "By hand"
        CLAIM = "claim", "Claim of the identity provider"
        CARRIED_OVER = "carried_over", "Carried over from a group of an earlier version"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="role_assignments",
    )
    group = models.ForeignKey(
        Group, null=True, blank=True, on_delete=models.CASCADE, related_name="role_assignments"
    )
    role = models.CharField(max_length=20, choices=Role.choices)
    connection = models.ForeignKey(
        "inventory.Connection", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    target_id = models.CharField(max_length=68, blank=True)
    source = models.CharField(max_length=12, choices=Source.choices, default=Source.BY_HAND)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    needs_confirmation = models.BooleanField(default=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, group__isnull=True)
                | Q(user__isnull=True, group__isnull=False),
                name="role_assignment_of_a_person_or_a_group",
            ),
            models.CheckConstraint(
                condition=Q(connection__isnull=False) | Q(target_id=""),
                name="role_assignment_target_in_an_organization",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | Q(granted_by__isnull=True)
                | ~Q(confirmed_by=F("granted_by")),
                name="role_assignment_confirmed_by_another",
            ),
            models.UniqueConstraint(
                fields=["user", "group", "role", "connection", "target_id", "source"],
                nulls_distinct=False,
                name="one_role_assignment",
            ),
        ]
        indexes = [models.Index(fields=["connection", "target_id"], name="role_assignment_place")]

    def __str__(self) -> str:
        return f"{self.role} of {self.user_id or f'group {self.group_id}'}"
