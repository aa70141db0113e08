"""The questions that programs ask and that take long."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class WhoCanJob(models.Model):
    """A question that a program asked, and its answer once there is one: kept until `expires_at`.

    `asked`: the members of the question as `jobs.Asked` holds them.
    """

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        COMPLETE = "complete", "Complete"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    asked = models.JSONField()
    as_of = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    progress = models.CharField(max_length=200, blank=True)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering = ["-requested_at"]
        indexes = [models.Index(fields=["expires_at"], name="who_can_job_end")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="complete") | Q(result__isnull=False),
                name="who_can_job_complete_has_result",
            )
        ]

    def __str__(self) -> str:
        return f"who-can question {self.pk}"
