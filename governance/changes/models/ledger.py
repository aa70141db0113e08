"""What was predicted of a rollout beside what the logs showed, ring by ring."""

from django.db import models

from governance.changes.models.rollouts import RolloutRing


class RingDenials(models.Model):
    """The denials of one ring: those predicted, and those that the logs have since it began.

    Counts are of uses: a principal, an action and an account. `predicted_seen`: both;
    `not_predicted`: seen alone; `not_seen`: predicted alone. `found`: the uses by these names, at
    most some of each. `read_until`: until when the logs of all its accounts were read, None where
    that is not known. `held_at`: when the gate first held because of denials not predicted.
    """

    class State(models.TextChoices):
        """Whether the logs reach the end of the ring's soak."""

        INCONCLUSIVE = "inconclusive", "Logs not read yet"
        CONCLUSIVE = "conclusive", "Logs read"

    ring = models.OneToOneField(RolloutRing, on_delete=models.PROTECT, related_name="denials")
    state = models.CharField(max_length=12, choices=State.choices)
    predicted_seen = models.PositiveIntegerField(default=0)
    not_predicted = models.PositiveIntegerField(default=0)
    not_seen = models.PositiveIntegerField(default=0)
    found = models.JSONField(default=dict)
    read_until = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    judged_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering = ["ring"]
        indexes = [
            models.Index(
                fields=["judged_at"],
                condition=models.Q(state="inconclusive"),
                name="ringdenials_inconclusive",
            )
        ]

    def __str__(self) -> str:
        return f"{self.ring}: {self.get_state_display()}"
