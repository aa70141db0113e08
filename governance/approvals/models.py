"""Reviews of anything that needs agreement, and settings that change with a second person."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class SettingVersion(models.Model):
    """One version of a setting that decides over changes; the newest active one holds.

    `content`: JSON whose form the setting's kind says. Version 0 is what the product brings and is
    no row. A proposed version becomes active when somebody else confirms it.
    """

    class Kind(models.TextChoices):
        """Which setting."""

        APPROVAL_RULES = "approval_rules", "Approval rules"
        PROTECTED_ROLES = "protected_roles", "Protected roles"
        CHANGE_WINDOWS = "change_windows", "Change windows"
        CHECK_LEVELS = "check_levels", "Check levels"
        TRUST_LIMITS = "trust_limits", "Trust limits"
        GUARDRAIL_PARAMETERS = "guardrail_parameters", "Guardrail parameters"
        FINDING_LIMITS = "finding_limits", "Finding limits"

    class State(models.TextChoices):
        """How far a version is."""

        PROPOSED = "proposed", "Proposed"
        ACTIVE = "active", "Active"
        SUPERSEDED = "superseded", "Superseded"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    content = models.JSONField()
    reason = models.TextField(blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    by_command = models.BooleanField(
        default=False, help_text="Confirmed on the server, for want of a second person."
    )

    class Meta:
        default_permissions = ("view", "change")
        ordering = ["connection", "kind", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind", "version"], name="settingversion_once"
            ),
            models.UniqueConstraint(
                fields=["connection", "kind"],
                condition=Q(state="active"),
                name="settingversion_one_active",
            ),
            models.UniqueConstraint(
                fields=["connection", "kind"],
                condition=Q(state="proposed"),
                name="settingversion_one_proposed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("active", "superseded"))
                | Q(decided_by__isnull=False)
                | Q(by_command=True),
                name="settingversion_active_is_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("active", "superseded")) | ~Q(decided_by=F("proposed_by")),
                name="settingversion_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"


class ReviewVerdict(models.TextChoices):
    """What a reviewer said."""

    APPROVE = "approve", "Approved"
    REQUEST_CHANGES = "request_changes", "Requested changes"
    REJECT = "reject", "Rejected"
    COMMENT = "comment", "Commented"


class Review(models.Model):
    """What one person said of one state of something.

    `subject_kind`, `subject_id`: what is reviewed, such as ("change_request", its key).
    `digest`: the SHA-256 of what the reviewer saw; a review counts for that alone.
    `voided_at`: it counts no more, for `void_reason`. `carried_from`: the review that was given to
    an earlier digest whose conclusions are proven equal.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.PROTECT, related_name="+"
    )
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    verdict = models.CharField(max_length=16, choices=ReviewVerdict.choices)
    body = models.TextField(blank=True)
    stepped_up_at = models.DateTimeField(null=True, blank=True)
    audit_entry = models.ForeignKey(
        "audit.AuditEntry", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    carried_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="review_subject")]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} by {self.reviewer}"
