"""Drift: what differs from what was agreed, from when it was first seen until it is put right."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class DriftItem(models.Model):
    """One thing that differs.

    `key`: SHA-256 that names it: kind and place. It is one row however often it comes back:
    `first_seen_at` is when it was first seen since it last was as agreed; `reopened`: how often it
    came back. `subject`: what is compared, such as `policy:p-…`; one may have several items.
    `place_id`: the root, OU or account in which it lies, with all it touches; by it people see it,
    own it and ignore it. `target_kind`, `target_id`: what it is about, a place as AWS names it, a
    policy or a guardrail; `account_id`: empty unless it is one account's. `attribute`: what of it,
    such as `content` or `attachment`. `desired`, `collected`: both sides as JSON; null: absent
    there. `base`: the collected side as it was when the baseline last moved, where that moved too.
    `effect`: how it weighs. `verified`: False while its place cannot be read any more: then it is
    neither open nor resolved by what was read. `explained_by`: who did it, as far as known.
    """

    class Kind(models.TextChoices):
        """What drifted, in Control Tower's names where it has one."""

        ACCOUNT_MOVED = "ACCOUNT_MOVED_BETWEEN_OUS", "Account moved between OUs"
        ACCOUNT_REMOVED = "ACCOUNT_REMOVED_FROM_ORGANIZATION", "Account removed from organization"
        ACCOUNT_ADDED = "ACCOUNT_ADDED", "Account added"
        POLICY_UPDATED = "SCP_UPDATED", "Policy updated"
        POLICY_ADDED = "POLICY_ADDED", "Policy added"
        POLICY_REMOVED = "POLICY_REMOVED", "Policy removed"
        POLICY_ATTACHED_TO_OU = "SCP_ATTACHED_TO_OU", "Policy attached to OU"
        POLICY_ATTACHED_TO_ACCOUNT = "SCP_ATTACHED_TO_ACCOUNT", "Policy attached to account"
        POLICY_DETACHED_FROM_OU = "SCP_DETACHED_FROM_OU", "Policy detached from OU"
        POLICY_DETACHED_FROM_ACCOUNT = "SCP_DETACHED_FROM_ACCOUNT", "Policy detached from account"
        OU_ADDED = "ORGANIZATIONAL_UNIT_ADDED", "OU added"
        OU_RENAMED = "ORGANIZATIONAL_UNIT_RENAMED", "OU renamed"
        OU_DELETED = "ORGANIZATIONAL_UNIT_DELETED", "OU deleted"
        POLICY_TAGS_CHANGED = "POLICY_TAGS_CHANGED", "Policy tags changed"
        POLICY_TYPE_CHANGED = "POLICY_TYPE_CHANGED", "Policy type enabled or disabled"
        TRUSTED_ACCESS_DISABLED = "TRUSTED_ACCESS_DISABLED", "Trusted access disabled"
        TRUSTED_ACCESS_ENABLED = "TRUSTED_ACCESS_ENABLED", "Trusted access enabled"
        DELEGATION_CHANGED = "DELEGATED_ADMINISTRATOR_CHANGED", "Delegated administrator changed"
        DELEGATION_POLICY_CHANGED = "DELEGATION_POLICY_CHANGED", "Delegation policy changed"
        CONTROL_INEFFECTIVE = "CONTROL_INEFFECTIVE", "Control not effective"
        LANDING_ZONE_ROLE = "ROLE_DRIFT", "Landing zone role changed"
        GUARDRAIL_FAILS = "GUARDRAIL_FAILS", "Guardrail no longer holds"
        TRUST_OUTSIDE_CONTRACT = "TRUST_OUTSIDE_CONTRACT", "Trust outside its contract"
        LOGGING_OFF = "LOGGING_OR_DETECTION_OFF", "Logging or detection switched off"
        WRITE_UNEXPLAINED = "WRITE_UNEXPLAINED", "Write that no change request explains"

    class DriftEffect(models.TextChoices):
        """How it weighs, the worst first."""

        ALLOWS = "allows", "Newly allows"
        DENIES = "denies", "Newly denies"
        BOTH = "both", "Newly allows and denies"
        UNDECIDED = "undecided", "Effect undecided"
        STRUCTURE = "structure", "No permission changes"
        COSMETIC = "cosmetic", "Cosmetic"

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", "Open"
        IGNORED = "ignored", "Ignored by a rule"
        EXCEPTED = "excepted", "Excepted"
        RESOLVED = "resolved", "Resolved"

    class DriftSeverity(models.TextChoices):
        """How much it matters, the worst first."""

        CRITICAL = "critical", "Critical"
        HIGH = "high", "High"
        MEDIUM = "medium", "Medium"
        LOW = "low", "Low"

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    key = models.CharField(max_length=64)
    subject = models.CharField(max_length=2300, default="")
    place_id = models.CharField(max_length=68, default="")
    kind = models.CharField(max_length=40, choices=Kind.choices)
    target_kind = models.CharField(max_length=24)
    target_id = models.CharField(max_length=2048)
    target_name = models.CharField(max_length=512, blank=True)
    account_id = models.CharField(max_length=12, blank=True)
    attribute = models.CharField(max_length=80, blank=True)
    desired = models.JSONField(null=True)
    collected = models.JSONField(null=True)
    base = models.JSONField(null=True)
    effect = models.CharField(max_length=9, choices=DriftEffect.choices)
    effect_detail = models.JSONField(default=dict)
    severity = models.CharField(max_length=8, choices=DriftSeverity.choices)
    accounts = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    verified = models.BooleanField(default=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=80, blank=True)
    reopened = models.PositiveIntegerField(default=0)
    explained_by = models.JSONField(null=True, blank=True)
    baseline_version = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(fields=["connection", "key"], name="drift_item_once"),
            models.CheckConstraint(
                condition=~Q(state="resolved") | Q(resolved_at__isnull=False),
                name="drift_item_resolved_at",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "state", "severity"], name="drift_item_state"),
            models.Index(fields=["connection", "target_id"], name="drift_item_target"),
            models.Index(fields=["connection", "account_id"], name="drift_item_account"),
            models.Index(fields=["connection", "place_id"], name="drift_item_place"),
            models.Index(fields=["connection", "subject"], name="drift_item_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.target_name or self.target_id}"


class DriftReading(models.Model):
    """Up to where drift of one organization is known.

    `looked_until`: the start of the run whose changes were looked at last; null: none were.
    `baseline_version`: the version that was compared. `marks`: what each other source of drift was
    found by, source → text.
    """

    connection = models.OneToOneField(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    looked_until = models.DateTimeField(null=True)
    baseline_version = models.PositiveIntegerField(null=True)
    marks = models.JSONField(default=dict)
    read_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Drift as of {self.read_at}"


class DriftEvent(models.Model):
    """One thing that happened to a drift item: seen, gone, back, resolved, not readable."""

    item = models.ForeignKey(DriftItem, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    what = models.CharField(max_length=24)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    detail = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.what} at {self.at}"


class IgnoreRule(models.Model):
    """Drift that does no harm, until `until`.

    `kind`, `target_id`, `attribute`: what it matches; an empty one matches all. `target_id`: a
    place, with all below it.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=40, choices=DriftItem.Kind.choices, blank=True)
    target_id = models.CharField(max_length=140, blank=True)
    attribute = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=500)
    until = models.DateField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ("view", "change")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "number"], name="ignore_rule_once"),
        ]

    def __str__(self) -> str:
        return f"Ignore rule {self.number}"
