"""A change request, and the evidence of what it does."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from governance.changes.states import ChangeState
from governance.usage.verdicts import UsageDenied


class ChangeRequest(models.Model):
    """A change to an organization's policies or tree, from the draft to its end.

    `number`: counts within the organization. `operations`: as
    `governance.edits.operations.read_operations` reads them. `rings`: a list of objects
    `{"name", "targets": [ids], "soak_minutes", "gate": "automatic" | "manual"}`; empty: one ring.
    `revision` grows with each edit. `plan_sha256`: what an approval binds, empty before evidence
    was made of this revision. `undoes`: the applied request that this one takes back.
    `emergency_by`: who had it applied in an emergency, for `emergency_reason`; somebody else
    ratifies it until `ratify_by`.
    `object_ids`: the policies, roots, OUs and accounts that the operations name, and where those
    policies are attached; `reaching_ids`: those of them at which all below is reached.
    `required_approvals`: as `governance.approvals.requirements.RequiredApproval.as_json` writes
    them; `waiting_for`: keys of the people whose turn it is; both as last worked out.
    `needs_step_up`: what is agreed to here reaches the root or production.
    """

    class Applied(models.TextChoices):
        """Who makes the calls."""

        HERE = "here", "By Orgwarden"
        ELSEWHERE = "elsewhere", "Elsewhere"

    class PolicyIds(models.TextChoices):
        """What stands in the end where content was staged by a copy."""

        KEEP = "keep", "Keep policy ids"
        COPY = "copy", "Keep the copy"

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.PROTECT, related_name="+"
    )
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    ticket_url = models.URLField(max_length=500, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=24, choices=ChangeState.choices, default=ChangeState.DRAFT, db_index=True
    )
    state_at = models.DateTimeField()
    state_reason = models.TextField(blank=True)
    applied = models.CharField(max_length=9, choices=Applied.choices, default=Applied.HERE)
    policy_ids = models.CharField(max_length=4, choices=PolicyIds.choices, default=PolicyIds.KEEP)
    operations = models.JSONField(default=list)
    rings = models.JSONField(default=list, blank=True)
    revision = models.PositiveIntegerField(default=1)
    revert_at = models.DateTimeField(null=True, blank=True)
    scheduled_for = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    emergency = models.BooleanField(default=False)
    emergency_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    emergency_reason = models.TextField(blank=True)
    ratify_by = models.DateTimeField(null=True, blank=True)
    plan_sha256 = models.CharField(max_length=64, blank=True)
    evidence = models.ForeignKey(
        "changes.Evidence", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    overrides = models.JSONField(default=list, blank=True)
    object_ids = ArrayField(models.CharField(max_length=140), default=list, blank=True)
    reaching_ids = ArrayField(models.CharField(max_length=140), default=list, blank=True)
    required_approvals = models.JSONField(default=list, blank=True)
    waiting_for = ArrayField(models.IntegerField(), default=list, blank=True)
    needs_step_up = models.BooleanField(default=False)
    escalated_at = models.DateTimeField(null=True, blank=True)
    undoes = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="undone_by", null=True, blank=True
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ("add", "view")
        permissions = [
            ("review_changerequest", "Can review change requests"),
            ("apply_changerequest", "Can start, resume and schedule rollouts"),
            ("halt_changerequest", "Can halt rollouts and roll them back"),
            ("override_changerequest", "Can override soft findings and release locks"),
            ("emergency_changerequest", "Can apply a change in an emergency"),
        ]
        ordering = ["-updated_at", "-pk"]
        indexes = [
            models.Index(fields=["connection", "-updated_at"], name="changerequest_latest"),
            models.Index(fields=["connection", "state"], name="changerequest_state"),
            GinIndex(fields=["object_ids"], name="changerequest_objects"),
            GinIndex(fields=["waiting_for"], name="changerequest_waiting"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["connection", "number"], name="changerequest_number"),
            models.CheckConstraint(
                condition=~Q(state__in=("in_review", "approved", "scheduled", "handed_out"))
                | (Q(evidence__isnull=False) & ~Q(plan_sha256="")),
                name="changerequest_reviewed_has_evidence",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"

    @property
    def touched_target_ids(self) -> tuple[str, ...]:
        """The roots, OUs and accounts among `object_ids`; the others are policies."""
        return tuple(one for one in self.object_ids if not one.startswith("p-"))


class Evidence(models.Model):
    """What a change request was shown to do; written once, never changed.

    `sha256` is over all of `content`. `conclusions` are the part that an approval binds: no times
    and no ids of runs; `conclusions_sha256` is equal where two evidences conclude the same.
    `base`: the collected texts, attachments and parents that the operations touch. `plan`: the
    steps in order, as JSON. `as_of`: when the newest complete run had read the organization.
    `usage_denied`: whether calls that the logs recorded would have been denied.
    """

    change_request = models.ForeignKey(
        ChangeRequest, on_delete=models.PROTECT, related_name="evidences"
    )
    revision = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, unique=True)
    conclusions_sha256 = models.CharField(max_length=64)
    plan_sha256 = models.CharField(max_length=64)
    conclusions = models.JSONField()
    content = models.JSONField()
    base = models.JSONField()
    plan = models.JSONField()
    run_id = models.BigIntegerField(null=True, blank=True)
    as_of = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    seconds = models.FloatField()
    usage_denied = models.CharField(
        max_length=9, choices=UsageDenied.choices, default=UsageDenied.NOT_KNOWN
    )

    class Meta:
        default_permissions = ()
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.sha256
