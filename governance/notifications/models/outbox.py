"""What happened and is still to be told."""

from django.db import models
from django.db.models import Q


class OutboxEvent(models.Model):
    """One thing that happened, written in the transaction that made it happen.

    `kind`: a name of `governance.notifications.kinds`. `subject`: what the kind's wording needs,
    ids above all; texts are put into words for each viewer when the event is spread.
    """

    class State(models.TextChoices):
        """Whether it was spread to people and webhooks. FAILED: it could not be, see the error."""

        QUEUED = "queued", "Queued"
        SPREAD = "spread", "Spread"
        FAILED = "failed", "Failed"

    kind = models.CharField(max_length=60)
    connection = models.ForeignKey(
        "inventory.Connection",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="The organization it is about; null: none.",
    )
    subject = models.JSONField(default=dict)
    once = models.CharField(
        max_length=120,
        blank=True,
        help_text="What happens once only; empty: any number of times.",
    )
    occurred_at = models.DateTimeField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.QUEUED)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    spread_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "once"], condition=~Q(once=""), name="one_outbox_event_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state="queued"), name="outbox_events_queued"
            ),
            models.Index(fields=["occurred_at"], name="outbox_events_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.occurred_at}"
