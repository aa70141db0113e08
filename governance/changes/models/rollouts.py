"""How a change request gets into AWS: rollouts, their rings, the journal of calls, and locks."""

import pgtrigger
from django.conf import settings
from django.db import models

from governance.changes.models.requests import ChangeRequest


class Rollout(models.Model):
    """One way of a request's plan into AWS, or back out of it.

    `plan`: the steps in order, as JSON, fixed at the start. `plan_sha256`: what was approved.
    `position`: how many steps are done. `halt_requested_at`: it stops before the next call.
    `lease_until`: until when a worker holds it; past it another goes on. `not_before`: when the
    next step may be made (propagation, soak, backoff). `base`: what AWS held of all that the plan
    touches before the first call, as `governance.changes.planning.tables` writes it. `created`:
    the ids that AWS gave in place of the plan's own. `undoes`: the rollout that this one takes
    back. `audit_entry`: the one that recorded the start. `seen_run_id`: the run that reads the
    organization after the last step.
    """

    class Kind(models.TextChoices):
        """Which way."""

        FORWARD = "forward", "Rollout"
        ROLLBACK = "rollback", "Rollback"
        REVERT = "revert", "Revert"

    change_request = models.ForeignKey(
        ChangeRequest, on_delete=models.PROTECT, related_name="rollouts"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.FORWARD)
    plan = models.JSONField()
    plan_sha256 = models.CharField(max_length=64)
    position = models.PositiveIntegerField(default=0)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    halt_requested_at = models.DateTimeField(null=True, blank=True)
    halt_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    halt_reason = models.TextField(blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_holder = models.CharField(max_length=100, blank=True)
    base = models.JSONField(null=True, blank=True)
    created = models.JSONField(default=dict, blank=True)
    locked_at = models.DateTimeField(null=True, blank=True)
    undoes = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="undone_by", null=True, blank=True
    )
    audit_entry = models.ForeignKey(
        "audit.AuditEntry", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    seen_run_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["started_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["change_request"],
                condition=models.Q(ended_at__isnull=True),
                name="rollout_one_active",
            )
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=models.Q(ended_at__isnull=True),
                name="rollout_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.change_request}"


class RolloutRing(models.Model):
    """How far one ring of a rollout is. `number` from 1."""

    class State(models.TextChoices):
        """Where a ring is."""

        PENDING = "pending", "Pending"
        APPLYING = "applying", "Applying"
        SOAKING = "soaking", "Soaking"
        WAITING = "waiting", "Waiting for go"
        DONE = "done", "Done"

    rollout = models.ForeignKey(Rollout, on_delete=models.PROTECT, related_name="rings")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    targets = models.JSONField()
    soak_minutes = models.PositiveIntegerField(default=0)
    gate = models.CharField(max_length=9)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    started_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    soak_until = models.DateTimeField(null=True, blank=True)
    gate_at = models.DateTimeField(null=True, blank=True)
    gate_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    gate_reason = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["rollout", "number"]
        constraints = [
            models.UniqueConstraint(fields=["rollout", "number"], name="rolloutring_once")
        ]

    def __str__(self) -> str:
        return self.name


class JournalEntry(models.Model):
    """One line of the journal, written before or after a call to AWS; never changed.

    `step`: its number in the plan, from 1. `detail`: for an intent the parameters, for an answer
    what AWS said, for a read-back what was read.
    """

    class Phase(models.TextChoices):
        """When the line was written."""

        INTENT = "intent", "Intent"
        ANSWER = "answer", "Answer"
        READ_BACK = "read_back", "Read back"
        SKIPPED = "skipped", "Skipped"
        STOPPED = "stopped", "Stopped"

    rollout = models.ForeignKey(Rollout, on_delete=models.PROTECT, related_name="journal")
    step = models.PositiveIntegerField()
    attempt = models.PositiveIntegerField(default=1)
    phase = models.CharField(max_length=9, choices=Phase.choices)
    call = models.CharField(max_length=40)
    outcome = models.CharField(max_length=40, blank=True)
    aws_request_id = models.CharField(max_length=80, blank=True)
    detail = models.JSONField(default=dict)
    audit_entry = models.ForeignKey(
        "audit.AuditEntry", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    recorded_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering = ["rollout", "pk"]
        indexes = [models.Index(fields=["rollout", "step"], name="journalentry_step")]
        triggers = [
            pgtrigger.Protect(
                name="journalentry_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"step {self.step}: {self.get_phase_display()}"


class ChangeLock(models.Model):
    """That one request alone writes to a policy or target until it lets go."""

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.PROTECT, related_name="+"
    )
    object_id = models.CharField(max_length=140)
    change_request = models.ForeignKey(
        ChangeRequest, on_delete=models.PROTECT, related_name="locks"
    )
    taken_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering = ["connection", "object_id"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "object_id"], name="changelock_once")
        ]

    def __str__(self) -> str:
        return self.object_id
