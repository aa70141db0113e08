"""What Athena was asked of a source's days, and what that cost."""

from django.db import models
from django.db.models import Q

from inventory.models.logs import LogSource


class LogQuery(models.Model):
    """One query of a day of a source, from before it is asked to the end.

    `token`: by which Athena knows a request that is sent again. `estimated_bytes`: what it was
    expected to scan; None: not known. `groups`: rows read back. `why`: of a failed one, in words.
    """

    class State(models.TextChoices):
        """ASKED: Athena works on it, or is about to be asked. OVER_BUDGET: it was not asked."""

        ASKED = "asked", "Asked"
        READ = "read", "Read"
        FAILED = "failed", "Failed"
        OVER_BUDGET = "over_budget", "Over budget"

    source = models.ForeignKey(LogSource, on_delete=models.CASCADE, related_name="queries")
    day = models.DateField()
    state = models.CharField(max_length=11, choices=State.choices, default=State.ASKED)
    token = models.UUIDField(unique=True)
    query_id = models.CharField(max_length=128, blank=True)
    estimated_bytes = models.BigIntegerField(null=True)
    scanned_bytes = models.BigIntegerField(null=True)
    groups = models.PositiveIntegerField(default=0)
    events = models.BigIntegerField(default=0)
    why = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(state="asked"), name="log_query_one_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["source", "day"], name="log_query_day")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.day} {self.state}"
