"""Detections: what a rule found about a subject within a window, with the events that show it."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When

from governance.edits.rule_versions import WrittenRule

# The worst first.
SEVERITIES: Final = (
    ("critical", "Critical"),
    ("high", "High"),
    ("medium", "Medium"),
    ("low", "Low"),
)


class DetectionRuleVersion(WrittenRule):
    """One version of a detection rule; its id is as in files, such as `trail-stopped`."""

    rule_id = models.CharField(max_length=80)

    class Meta:
        default_permissions = ("view", "change")
        ordering = ["rule_id", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "rule_id", "version"], name="detection_rule_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} version {self.version}"


class Detection(models.Model):
    """Alike events about one subject within one window of a rule.

    `subject_kind`, `subject_id`: what it is about; `account_id`: in which it happened; empty: not
    known. `subject_account_id`: the account that the subject is or lies in, if it is one.
    `window_start`: windows begin at 1970-01-01 in UTC. `count`: of calls. `raised_at`: when there
    were as many as the rule asks for; null: not yet, and then nobody sees it. `severity`, `title`:
    as the rule had them. `principal`: of the newest event. `unknown`: conditions of the rule that
    could not be decided. `closed_as`, `closed_for`: what a person found it to be, and why.
    """

    class DetectionClosing(models.TextChoices):
        """What a detection turned out to be."""

        HANDLED = "handled", "Handled"
        EXPECTED = "expected", "Expected activity"
        FALSE_ALARM = "false_alarm", "False alarm"

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    rule_id = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    severity = models.CharField(max_length=8, choices=SEVERITIES)
    severity_rank = models.GeneratedField(
        expression=Case(
            *(When(severity=each, then=Value(at)) for at, (each, _) in enumerate(SEVERITIES)),
            default=Value(len(SEVERITIES)),
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    topic = models.CharField(max_length=20)
    subject_kind = models.CharField(max_length=24)
    subject_id = models.CharField(max_length=512)
    subject_account_id = models.CharField(max_length=12, blank=True)
    account_id = models.CharField(max_length=12, blank=True)
    principal = models.CharField(max_length=1024, blank=True)
    window_start = models.DateTimeField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.BigIntegerField(default=0)
    unknown = models.JSONField(default=list)
    raised_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_as = models.CharField(max_length=12, choices=DetectionClosing.choices, blank=True)
    closed_for = models.CharField(max_length=500, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "rule_id", "subject_kind", "subject_id", "window_start"],
                name="detection_once",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | ~Q(closed_as=""), name="detection_closed_as"
            ),
        ]
        indexes = [
            models.Index(
                fields=["connection", "-last_at", "-id"],
                condition=Q(raised_at__isnull=False),
                name="detection_newest",
            ),
            # Lists go through these in their order.
            *(
                models.Index(
                    fields=["connection", field, "last_at", "id"],
                    condition=Q(raised_at__isnull=False),
                    name=f"detection_{field}",
                )
                for field in ("severity_rank", "title", "count", "closed_as")
            ),
            models.Index(fields=["connection", "rule_id"], name="detection_rule"),
            models.Index(fields=["connection", "account_id"], name="detection_account"),
            models.Index(fields=["connection", "principal"], name="detection_principal"),
            models.Index(
                fields=["connection", "updated_at"],
                name="detection_updated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.subject_id}"


class DetectionEvidence(models.Model):
    """One event that shows a detection, or what was counted of a day.

    `key`: the event's id, or names the count. `content`: the record; null beyond the first ones of
    a detection, whose events can be looked up in the logs by their ids.
    """

    detection = models.ForeignKey(Detection, on_delete=models.CASCADE, related_name="evidence")
    key = models.CharField(max_length=80)
    at = models.DateTimeField()
    last_at = models.DateTimeField()
    account_id = models.CharField(max_length=12, blank=True)
    region = models.CharField(max_length=32, blank=True)
    event_source = models.CharField(max_length=128, blank=True)
    event_name = models.CharField(max_length=128)
    principal = models.CharField(max_length=1024, blank=True)
    count = models.BigIntegerField(default=1)
    content = models.JSONField(null=True)

    class Meta:
        default_permissions = ()
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["detection", "key"], name="detection_evidence_once"),
        ]

    def __str__(self) -> str:
        return f"{self.event_name} at {self.at}"


class UnjudgedLogs(models.Model):
    """What was read of the logs and not judged by the rules yet; written with what was read.

    `event_ids`: of logged events. `days`: ISO dates of which usage or denials were counted.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    event_ids = models.JSONField(default=list)
    days = models.JSONField(default=list)
    read_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["connection", "id"], name="unjudged_logs_order")]

    def __str__(self) -> str:
        return f"{len(self.event_ids)} events read at {self.read_at}"
