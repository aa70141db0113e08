"""What every question that takes long has, whatever it asks."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Job(models.Model):
    """A question that a program asked, and its answer once there is one: kept until `expires_at`.

    A model of its own for each kind of question adds what is asked. `as_of`: the time that the
    question is about; None: the latest run. `seen_part`: what part of the organization whoever
    asked may see (`inventory.viewing.visible_key`), empty for all of it; only who sees the same
    part gets the answer. `token_places`: the places of the token that asked, null where it had no
    such limit.
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
    as_of = models.DateTimeField(null=True, blank=True)
    seen_part = models.CharField(max_length=32, blank=True, editable=False)
    token_places = models.JSONField(null=True, blank=True, editable=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    progress = models.CharField(max_length=200, blank=True)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        abstract = True
        default_permissions = ()
        ordering = ["-requested_at"]
        indexes = [models.Index(fields=["expires_at"], name="%(class)s_end")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="complete") | Q(result__isnull=False),
                name="%(class)s_complete_has_result",
            )
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def is_waited_for(self) -> bool:
        """Whether there is no answer yet, and one may come."""
        return self.state in {self.State.QUEUED, self.State.RUNNING}
