"""Drafts that people keep, and the simulations that programs ask for."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.jobs.models import Job


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


class SimulationJob(Job):
    """Effects that a program asked for and that take long to find.

    Of a simulation (`operations` done to the organization of `as_of`, None: now), or of a
    comparison of `as_of` with `until`, which has no operations. `prior`: edits of texts that are
    done before the operations; see `simulating.simulate`. A replay finds what the operations would
    have done to the recorded usage of the last `days`.
    """

    class Kind(models.TextChoices):
        """Whose effects are found."""

        SIMULATION = "simulation", "Simulation"
        COMPARISON = "comparison", "Comparison of two times"
        REPLAY = "replay", "Replay of usage"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SIMULATION)
    operations = models.JSONField(default=list)
    prior = models.JSONField(default=list)
    until = models.DateTimeField(null=True, blank=True)
    days = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta(Job.Meta):
        abstract = False
        constraints = [
            *Job.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(kind="comparison") | Q(as_of__isnull=False, until__isnull=False),
                name="simulationjob_comparison_has_times",
            ),
            models.CheckConstraint(
                condition=~Q(kind="replay") | Q(days__gte=1), name="simulationjob_replay_has_days"
            ),
        ]
