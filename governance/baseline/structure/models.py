"""The structure that was agreed, version by version."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class BaselineVersion(models.Model):
    """What the organization's structure should be, from `made_at` until the next version.

    `number`: counts within its organization from 1. `document`: the whole desired structure as
    canonical JSON. `digest`: SHA-256 of that. `source`: where it comes from. `target_id`: the root
    or OU that was adopted; empty: all of it. `change_number`: of the change request that was
    applied. `text`: the file as it was given, byte for byte; empty where there was none.
    """

    class Source(models.TextChoices):
        """Where a version comes from."""

        ADOPTED = "adopted", "Adopted from the inventory"
        FILE = "file", "Imported from a file"
        CHANGE = "change", "Applied change request"
        DRIFT = "drift", "Adopted drift"

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    number = models.PositiveIntegerField()
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    text = models.TextField(blank=True)
    source = models.CharField(max_length=8, choices=Source.choices)
    target_id = models.CharField(max_length=140, blank=True)
    change_number = models.PositiveIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    # Null: Orgwarden itself, when a change request was applied.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        default_permissions = ("view", "add")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "number"], name="baseline_version_once"),
            models.CheckConstraint(
                condition=Q(source="change") | Q(made_by__isnull=False),
                name="baseline_version_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Baseline version {self.number}"
