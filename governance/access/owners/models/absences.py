"""Who is away, and who stands in."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Absence(models.Model):
    """A person is away from `starts_at` until `ends_at`; their deputies count meanwhile."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} until {self.ends_at:%Y-%m-%d}"


class DeputyTerm(models.Model):
    """A person's deputy from `starts_at` until `ends_at`; counts while the person is away."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deputy_terms"
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deputy_of_terms"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="deputy_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(user=F("deputy")), name="deputy_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} for {self.user} until {self.ends_at:%Y-%m-%d}"
