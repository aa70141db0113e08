"""Runs of the inventory and what each of them covered."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class CoverageCounts(models.Model):
    """The newest coverage of one account summed up. `total` is 0 where there is none.

    `oldest_complete_at`: the oldest last complete reading among the collectors that are supported;
    null if one of them was never complete.
    """

    total = models.PositiveSmallIntegerField(default=0, help_text="Collectors, a region at a time.")
    complete = models.PositiveSmallIntegerField(default=0)
    denied = models.PositiveSmallIntegerField(default=0)
    unsupported = models.PositiveSmallIntegerField(default=0)
    oldest_complete_at = models.DateTimeField(null=True)
    newest_attempt_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class InventoryRun(models.Model):
    """One reading of an organization: everything, or only the accounts in `account_ids`."""

    class State(models.TextChoices):
        """Where a run stands. COMPLETE: every collector of every account was complete."""

        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        COMPLETE = "complete", "Complete"
        PARTIAL = "partial", "Partial"
        FAILED = "failed", "Failed"

    class Trigger(models.TextChoices):
        """What started the run."""

        SCHEDULE = "schedule", "Schedule"
        BUTTON = "button", "Button"
        API = "api", "API"
        RETRY = "retry", "Retry of failed accounts"
        REFRESH = "refresh", "Refresh of one account"

    class Detail(models.TextChoices):
        """Whether the run's coverage of accounts is kept, collector by collector.

        GOING: some of it was aged out, or all but what is the newest of its kind. GONE: all of it.
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
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="Why the run failed as a whole.")
    rows_opened = models.PositiveIntegerField(default=0)
    rows_closed = models.PositiveIntegerField(default=0)
    counted = models.JSONField(
        null=True,
        editable=False,
        help_text="What the run came to, counted at its end: see inventory.run_counts.",
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
            models.Index(
                fields=["started_at"], condition=~Q(detail="gone"), name="run_with_detail"
            ),
        ]
        permissions = [("start_inventoryrun", "Can start, retry and refresh inventory runs")]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.connection_id}"

    @property
    def is_active(self) -> bool:
        """Whether the run still goes on."""
        return self.state in self.ACTIVE_STATES


class RunAccount(CoverageCounts):
    """One account's part of a run, with the account's coverage as it stood after that part.

    The counts are what is known of the account at a time between this run and the next: they stay
    when the coverage itself is aged out. `total` is 0 where the run ended before it covered it.
    """

    class State(models.TextChoices):
        """Where the account's part stands."""

        PENDING = "pending", "Pending"
        RUNNING = "running", "Running"
        COMPLETE = "complete", "Complete"
        PARTIAL = "partial", "Partial"
        FAILED = "failed", "Failed"
        SKIPPED = "skipped", "Skipped"

    DONE_STATES = (State.COMPLETE, State.PARTIAL, State.FAILED, State.SKIPPED)

    run = models.ForeignKey(InventoryRun, on_delete=models.CASCADE, related_name="accounts")
    account_id = models.CharField(max_length=12)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often it was begun.")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When it was last queued.")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "account_id"], name="one_part_an_account")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} in run {self.run_id}"


class Coverage(models.Model):
    """How well one collector covered one account and region in one run.

    Rows of the organization itself have an empty `account_id`; services without regions have the
    region `global`. `is_latest` marks the newest row of a connection, account, region, collector.
    """

    class State(models.TextChoices):
        """What came of the collector. Only COMPLETE closes rows that were not seen."""

        COMPLETE = "complete", "Complete"
        DENIED = "denied", "Denied"
        THROTTLED = "throttled", "Throttled"
        TIMED_OUT = "timed_out", "Timed out"
        INCONSISTENT = "inconsistent", "Inconsistent"
        FAILED = "failed", "Failed"
        UNSUPPORTED = "unsupported", "Unsupported"

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="coverage"
    )
    run = models.ForeignKey(InventoryRun, on_delete=models.CASCADE, related_name="coverage")
    account_id = models.CharField(max_length=12, blank=True)
    region = models.CharField(max_length=32, default="global")
    collector = models.CharField(max_length=60)
    state = models.CharField(max_length=12, choices=State.choices)
    error_code = models.CharField(max_length=120, blank=True)
    message = models.TextField(blank=True, help_text="What went wrong, in words.")
    remedy = models.TextField(blank=True, help_text="What to do about it.")
    records = models.PositiveIntegerField(default=0)
    calls = models.JSONField(default=dict, help_text="Calls made, by operation, retries included.")
    throttled = models.PositiveIntegerField(default=0, help_text="Calls that AWS throttled.")
    collected_at = models.DateTimeField()
    seconds = models.FloatField()
    is_latest = models.BooleanField(default=True)
    last_complete_at = models.DateTimeField(
        null=True, blank=True, help_text="When this collector was last complete here; null: never."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "account_id", "region", "collector"], name="one_coverage_a_run"
            ),
            models.UniqueConstraint(
                fields=["connection", "account_id", "region", "collector"],
                condition=Q(is_latest=True),
                name="one_latest_coverage",
            ),
        ]
        indexes = [
            models.Index(
                fields=["connection", "collector", "account_id"],
                condition=Q(is_latest=True),
                name="coverage_latest_of_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.collector} of {self.account_id or 'organization'}: {self.state}"

    @property
    def call_count(self) -> int:
        """How many calls to AWS it took, retries included."""
        return sum(self.calls.values())


class AccountCoverage(CoverageCounts):
    """The newest coverage of one account summed up; the organization's own has no `account_id`.

    Kept by the store with the rows of `Coverage` marked as latest, because screens tell of all
    accounts at once. So are `users`, `groups` and `roles`, how many are known in the account.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    account_id = models.CharField(max_length=12, blank=True)
    users = models.PositiveIntegerField(default=0)
    groups = models.PositiveIntegerField(default=0)
    roles = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "account_id"], name="one_coverage_an_account"
            )
        ]

    def __str__(self) -> str:
        return f"{self.complete} of {self.total} of {self.account_id or 'organization'}"


class CollectedSpan(models.Model):
    """From when on what a collector reads of an account is known; the organization has no id.

    `known_from`: start of the first run in which the collector was complete there. `known_until`:
    start of the run that found the account gone from the organization; null: it is there still.
    Without such a span what the collector would have read is unknown, not empty. It is kept when
    the coverage it came from is aged out.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    account_id = models.CharField(max_length=12, blank=True)
    collector = models.CharField(max_length=60)
    known_from = models.DateTimeField()
    known_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "collector", "account_id"],
                condition=Q(known_until__isnull=True),
                name="one_open_span_a_collector",
            )
        ]
        indexes = [
            models.Index(fields=["connection", "account_id"], name="collected_span_of_account")
        ]

    def __str__(self) -> str:
        return f"{self.collector} of {self.account_id or 'organization'} since {self.known_from}"
