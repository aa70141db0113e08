"""Drafts that people keep, and the simulations that programs ask for."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Simulation(models.Model):
    """A draft of edits: what its owner tries, for others to look at.

    `operations`: a list of objects as `operations.read_operations` reads them, each with a further
    member `id`, a number that stays its own. `as_of`: the time whose organization is edited; None:
    as the latest run saw it. `revision` grows with each change.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="simulations"
    )
    name = models.CharField(max_length=120)
    as_of = models.DateTimeField(null=True, blank=True)
    operations = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-updated_at", "-pk"]
        indexes = [models.Index(fields=["connection", "-updated_at"], name="simulation_latest")]

    def __str__(self) -> str:
        return self.name


class SimulationJob(models.Model):
    """Effects that a program asked for and that take long to find: kept until `expires_at`.

    Of a simulation (`operations` done to the organization of `as_of`, None: now), or of a
    comparison of `as_of` with `until`, which has no operations. `prior`: edits of texts that are
    done before the operations; see `simulating.simulate`.
    """

    class Kind(models.TextChoices):
        """Whose effects are found."""

        SIMULATION = "simulation", "Simulation"
        COMPARISON = "comparison", "Comparison of two times"

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
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SIMULATION)
    operations = models.JSONField(default=list)
    prior = models.JSONField(default=list)
    as_of = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering = ["-requested_at"]
        indexes = [models.Index(fields=["expires_at"], name="simulation_job_end")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="complete") | Q(result__isnull=False),
                name="simulation_job_complete_has_result",
            ),
            models.CheckConstraint(
                condition=~Q(kind="comparison") | Q(as_of__isnull=False, until__isnull=False),
                name="simulation_job_comparison_has_times",
            ),
        ]

    def __str__(self) -> str:
        return f"simulation {self.pk}"
