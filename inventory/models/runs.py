"""Runs of the inventory, and the tasks of the one that goes on."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class InventoryRun(models.Model):
    """One reading of an organization: everything, or only the accounts in `account_ids`."""

    class State(models.TextChoices):
        """Where a run stands. COMPLETE: every collector of every account was complete."""

        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        COMPLETE = "complete", "Complete"
        PARTIAL = "partial", "Partial"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    class Trigger(models.TextChoices):
        """What started the run."""

        SCHEDULE = "schedule", "Schedule"
        BUTTON = "button", "Button"
        API = "api", "API"
        RETRY = "retry", "Retry of failed accounts"
        REFRESH = "refresh", "Refresh of one account"
        CHANGE = "change", "After a rollout"

    class Detail(models.TextChoices):
        """Whether all of the run's coverage of accounts is kept, collector by collector.

        GOING: some of it was aged out. GONE: it was aged out by an earlier version of Orgwarden.
        """

        KEPT = "kept", "Kept"
        GOING = "going", "Going"
        GONE = "gone", "Gone"

    ACTIVE_STATES = (State.QUEUED, State.RUNNING)

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="runs"
    )
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    account_ids = models.JSONField(
        null=True, blank=True, help_text="Only these accounts; null for the whole organization."
    )
    chosen_groups = models.JSONField(
        null=True,
        editable=False,
        help_text="Account → the collector groups that are read there; null: all of them.",
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_at = models.DateTimeField()
    sent_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When its start was last handed over."
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="Why the run failed as a whole.")
    rows_opened = models.PositiveIntegerField(default=0)
    rows_closed = models.PositiveIntegerField(default=0)
    tasks_total = models.PositiveIntegerField(default=0, editable=False)
    tasks_done = models.PositiveIntegerField(default=0, editable=False)
    unread = models.JSONField(
        default=list,
        editable=False,
        help_text="Account and group of the tasks that ended with the run, before they read.",
    )
    counted = models.JSONField(
        null=True,
        editable=False,
        help_text="What the run came to, counted at its end: see inventory.runs.counts.",
    )
    detail = models.CharField(max_length=5, choices=Detail.choices, default=Detail.KEPT)
    detail_aged_out_at = models.DateTimeField(
        null=True, blank=True, help_text="When its detail began to be aged out; null: all is kept."
    )

    class Meta:
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=Q(state__in=["queued", "running"]),
                name="one_active_run_an_organization",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "-requested_at"], name="run_by_time"),
            models.Index(fields=["connection", "-started_at"], name="run_by_start"),
        ]
        permissions = [
            ("start_inventoryrun", "Can start, retry and refresh inventory runs"),
            ("cancel_inventoryrun", "Can cancel inventory runs"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.connection_id}"

    @property
    def is_active(self) -> bool:
        """Whether the run still goes on."""
        return self.state in self.ACTIVE_STATES


class CollectionTask(models.Model):
    """Where the reading of one collector group of an account stands, in the newest run that has it.

    One row an account and group, written over by run after run; what a run came to is told by
    `GroupCoverageSpan`. Rows of the organization itself have an empty `account_id`. Whoever works
    on it holds it until `lease_until`.
    """

    class State(models.TextChoices):
        """Where the task stands; of an account, where its tasks stand together."""

        PENDING = "pending", "Pending"
        RUNNING = "running", "Running"
        COMPLETE = "complete", "Complete"
        PARTIAL = "partial", "Partial"
        FAILED = "failed", "Failed"
        SKIPPED = "skipped", "Skipped"

    OPEN_STATES = (State.PENDING, State.RUNNING)
    DONE_STATES = (State.COMPLETE, State.PARTIAL, State.FAILED, State.SKIPPED)

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    account_id = models.CharField(max_length=12, blank=True)
    group = models.CharField(max_length=30)
    # No index: it changes with every run, and an update in place must touch none.
    run = models.ForeignKey(
        InventoryRun, on_delete=models.CASCADE, related_name="tasks", db_index=False
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often it was begun.")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When it was last queued.")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=120, blank=True, help_text="Who works on it.")
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "account_id", "group"], name="one_task_a_group"
            )
        ]

    def __str__(self) -> str:
        return f"{self.group} of {self.account_id or 'organization'} in run {self.run_id}"
