"""The inbox: each finding, whatever found it, with one life and one severity scale."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, Q, Value, When


class InboxItem(models.Model):
    """One finding, as long as it holds and after.

    `source` and `source_key`: who found it and by what name; `kind`: its code there. `target_kind`,
    `target_id`: what it is about; `account_id`: empty unless it is one account's. `accounts`: how
    many it concerns. `environment`: of its place, empty where not known. `first_seen_at`: since it
    last was away. `verified`: False while what it rests on cannot be read: it is then neither gone
    nor confirmed. `due_at`: by its severity. `excepted_until`, `snoozed_until`: when these end;
    `set_aside_for`: why it was snoozed or muted. `account_ids`: the accounts it concerns, where it
    is about a place with several of them, so that who sees one of them sees it. `place_id`: the
    root, OU or account in which all of it lies, where `target_id` is none of these. `reached_ids`:
    the roots, OUs and accounts with all below whose accounts it concerns, where it is about
    something else, such as a policy; who sees one of these accounts sees it. `part_title`: the
    title for who does not see all of them, which names and counts none that is hidden; empty: the
    title does not either. `whole_only`: it rests on more than a part of the organization, so only
    who sees all of that sees it.
    `detail`: what lists and tickets say besides, as JSON.
    """

    class Source(models.TextChoices):
        """What found it."""

        STRUCTURE = "structure", "Structure"
        TRUST = "trust", "Trust"
        GUARDRAIL = "guardrail", "Guardrails"
        DRIFT = "drift", "Drift"
        LANDING_ZONE = "landing_zone", "Landing zone"
        DETECTION = "detection", "Detections"

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", "Open"
        ASSIGNED = "assigned", "Assigned"
        SNOOZED = "snoozed", "Snoozed"
        EXCEPTED = "excepted", "Excepted"
        RESOLVED = "resolved", "Resolved"

    class InboxSeverity(models.TextChoices):
        """How much it matters, the worst first."""

        CRITICAL = "critical", "Critical"
        HIGH = "high", "High"
        MEDIUM = "medium", "Medium"
        LOW = "low", "Low"

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    source = models.CharField(max_length=12, choices=Source.choices)
    source_key = models.CharField(max_length=255)
    kind = models.CharField(max_length=80)
    title = models.TextField()
    target_kind = models.CharField(max_length=24)
    target_id = models.CharField(max_length=2048)
    target_name = models.CharField(max_length=512, blank=True)
    account_id = models.CharField(max_length=12, blank=True)
    account_ids = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    accounts = models.PositiveIntegerField(default=0)
    place_id = models.CharField(max_length=68, blank=True)
    reached_ids = ArrayField(models.CharField(max_length=68), default=list, blank=True)
    part_title = models.TextField(blank=True)
    whole_only = models.BooleanField(default=False)
    detail = models.JSONField(default=dict, blank=True)
    environment = models.CharField(max_length=80, blank=True)
    severity = models.CharField(max_length=8, choices=InboxSeverity.choices)
    severity_rank = models.GeneratedField(
        expression=Case(
            *(When(severity=each, then=Value(at)) for at, each in enumerate(InboxSeverity.values)),
            default=Value(len(InboxSeverity.values)),
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    verified = models.BooleanField(default=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    snoozed_until = models.DateField(null=True, blank=True)
    excepted_until = models.DateField(null=True, blank=True)
    set_aside_for = models.CharField(max_length=500, blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    reopened = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "source", "source_key"], name="inbox_item_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="resolved") | Q(resolved_at__isnull=False),
                name="inbox_item_resolved_at",
            ),
        ]
        indexes = [
            # Lists go through these in their order.
            models.Index(
                fields=["connection", "severity_rank", "first_seen_at", "id"],
                condition=~Q(state="resolved"),
                name="inbox_item_worst",
            ),
            models.Index(
                fields=["connection", "first_seen_at", "id"],
                condition=~Q(state="resolved"),
                name="inbox_item_oldest",
            ),
            models.Index(
                fields=["connection", "state", "first_seen_at", "id"],
                condition=~Q(state="resolved"),
                name="inbox_item_state",
            ),
            # Counted from this alone: what is open, by source and severity, overdue, verified.
            models.Index(
                fields=["connection", "source", "severity"],
                include=["id", "state", "due_at", "verified"],
                condition=~Q(state="resolved"),
                name="inbox_item_open",
            ),
            models.Index(fields=["connection", "source", "state"], name="inbox_item_counts"),
            models.Index(fields=["connection", "target_id"], name="inbox_item_target"),
            models.Index(fields=["connection", "account_id"], name="inbox_item_account"),
            models.Index(fields=["connection", "due_at"], name="inbox_item_due"),
            models.Index(fields=["connection", "place_id"], name="inbox_item_place"),
            GinIndex(fields=["account_ids"], name="inbox_item_accounts"),
            GinIndex(fields=["reached_ids"], name="inbox_item_reached"),
        ]

    def __str__(self) -> str:
        return self.title


class InboxEvent(models.Model):
    """One thing that happened to an item of the inbox, or a comment on it."""

    class What(models.TextChoices):
        """What happened."""

        FOUND = "found", "Found"
        REOPENED = "reopened", "Found again"
        RESOLVED = "resolved", "No longer found"
        UNVERIFIED = "unverified", "Cannot be verified"
        VERIFIED = "verified", "Verified again"
        SEVERITY = "severity", "Severity changed"
        ASSIGNED = "assigned", "Assigned"
        SNOOZED = "snoozed", "Snoozed"
        EXCEPTED = "excepted", "Excepted"
        MUTED = "muted", "Muted"
        RETURNED = "returned", "Open again"
        COMMENT = "comment", "Comment"
        EXPORTED = "exported", "Sent to a ticket"

    item = models.ForeignKey(InboxItem, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    what = models.CharField(max_length=24, choices=What.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    text = models.TextField(blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        ordering = ["at", "pk"]
        # The timeline goes through this in its order.
        indexes = [models.Index(fields=["-at", "-id"], name="inbox_event_at")]

    def __str__(self) -> str:
        return f"{self.what} at {self.at}"


class InboxReading(models.Model):
    """Up to which state of one source the inbox is known.

    `mark`: equal marks are not read again. `problem`: why the source could not be judged; its
    items are then not verified. Empty: it was judged.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    source = models.CharField(max_length=12, choices=InboxItem.Source.choices)
    mark = models.CharField(max_length=64)
    read_at = models.DateTimeField()
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["connection", "source"], name="inbox_reading_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source} at {self.read_at}"
