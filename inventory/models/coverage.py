"""What is known of each account, how well and since when.

A run writes over one row an account and collector group, `GroupCoverage`. New rows are written
only where something came out otherwise than before: `Coverage` for a collector in a region,
`GroupCoverageSpan` for the counts of a group. Each of these holds from the start of the run that
found it so until the start of one that found it otherwise.
"""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from datetime import datetime


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


class GroupCoverage(CoverageCounts):
    """How the collectors of one group fared when they last read an account.

    Rows of the organization itself have an empty `account_id`. Written over by each run, so no
    column that a run changes has an index.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    account_id = models.CharField(max_length=12, blank=True)
    group = models.CharField(max_length=30)
    run = models.ForeignKey(
        "inventory.InventoryRun",
        on_delete=models.CASCADE,
        related_name="group_coverage",
        db_index=False,
        help_text="The run that last read it.",
    )
    fingerprint = models.CharField(
        max_length=64, help_text="What came of each collector; equal: nothing is otherwise."
    )
    calls = models.JSONField(default=dict, help_text="Calls made, by operation, retries included.")
    measures = models.JSONField(
        default=dict,
        help_text="Collector → region → records, calls, throttled, seconds, where not all 0.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "account_id", "group"], name="one_coverage_a_group"
            )
        ]

    def __str__(self) -> str:
        return f"{self.group} of {self.account_id or 'organization'}: {self.complete}/{self.total}"


class Span(models.Model):
    """What held from the start of one run until that of another; null: it still holds."""

    held_from = models.DateTimeField()
    held_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class GroupCoverageSpan(Span):
    """The counts of a group's coverage, for as long as they were the same.

    `oldest_complete_at`: of the collectors that were not complete; null if one of them had never
    been, or all were complete.
    """

    summary = models.ForeignKey(GroupCoverage, on_delete=models.CASCADE, related_name="spans")
    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    account_id = models.CharField(max_length=12, blank=True)
    total = models.PositiveSmallIntegerField(help_text="Collectors, a region at a time.")
    complete = models.PositiveSmallIntegerField()
    denied = models.PositiveSmallIntegerField()
    unsupported = models.PositiveSmallIntegerField()
    oldest_complete_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["summary"], condition=Q(held_until__isnull=True), name="one_open_group_span"
            )
        ]
        indexes = [
            models.Index(fields=["connection", "account_id", "held_from"], name="group_span_at")
        ]

    def __str__(self) -> str:
        return f"{self.complete} of {self.total} since {self.held_from}"


class Coverage(Span):
    """What came of one collector in one account and region, for as long as it was the same.

    Rows of the organization itself have an empty `account_id`; services without regions have the
    region `global`; of others one row stands for `all regions` that came out the same, and regions
    that came out otherwise have their own. What each reading took is in `summary` and, for the one
    that began this, in `began_with`; `inventory.selectors.coverage` gives every row the attributes
    below.
    """

    class State(models.TextChoices):
        """The collector's result. Only COMPLETE closes rows that were not seen."""

        COMPLETE = "complete", "Complete"
        DENIED = "denied", "Denied"
        THROTTLED = "throttled", "Throttled"
        TIMED_OUT = "timed_out", "Timed out"
        INCONSISTENT = "inconsistent", "Inconsistent"
        FAILED = "failed", "Failed"
        UNSUPPORTED = "unsupported", "Unsupported"

    summary = models.ForeignKey(GroupCoverage, on_delete=models.CASCADE, related_name="collectors")
    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="coverage", db_index=False
    )
    account_id = models.CharField(max_length=12, blank=True)
    region = models.CharField(max_length=32, default="global")
    collector = models.CharField(max_length=60)
    state = models.CharField(max_length=12, choices=State.choices)
    error_code = models.CharField(max_length=120, blank=True)
    message = models.TextField(blank=True, help_text="What went wrong, in words.")
    remedy = models.TextField(blank=True, help_text="What to do about it.")
    complete_before_at = models.DateTimeField(
        null=True,
        help_text="When it was last complete before this began; null: never, or complete now.",
    )
    began_with = models.JSONField(
        default=dict, help_text="Records, calls, throttled, seconds of the first such reading."
    )

    # What selectors annotate, as of now or of a time.
    collected_at: "datetime"
    last_complete_at: "datetime | None"
    run_id: int | None
    measured: dict[str, Any] | None

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "account_id", "region", "collector"],
                condition=Q(held_until__isnull=True),
                name="one_open_coverage",
            )
        ]
        indexes = [
            models.Index(fields=["connection", "account_id", "held_from"], name="coverage_at"),
            models.Index(
                fields=["held_until"], condition=Q(held_until__isnull=False), name="coverage_ended"
            ),
            # Every screen asks for the few that did not come out well, of all accounts.
            models.Index(
                fields=["connection", "collector"],
                condition=~Q(state__in=("complete", "unsupported")),
                name="coverage_problems",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.collector} of {self.account_id or 'organization'}: {self.state}"

    @property
    def records(self) -> int | None:
        """How many things were read; None: not kept of that reading."""
        return None if self.measured is None else self.measured.get("records", 0)

    @property
    def calls(self) -> dict[str, int] | None:
        """Calls to AWS by operation, retries included; None: not kept of that reading."""
        return None if self.measured is None else self.measured.get("calls", {})

    @property
    def call_count(self) -> int | None:
        """How many calls to AWS it took, retries included; None: not kept of that reading."""
        return None if self.calls is None else sum(self.calls.values())

    @property
    def throttled(self) -> int | None:
        """How many of them AWS throttled; None: not kept of that reading."""
        return None if self.measured is None else self.measured.get("throttled", 0)

    @property
    def seconds(self) -> float | None:
        """How long the reading took; None: not kept of that reading."""
        return None if self.measured is None else self.measured.get("seconds", 0.0)


class AccountCoverage(CoverageCounts):
    """The newest coverage of one account summed up; the organization's own has no `account_id`.

    Kept by the store with `GroupCoverage`, because screens tell of all accounts at once. `total`
    is 0 while no run has covered it. So are `users`, `groups` and `roles`, how many are known in
    the account.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    account_id = models.CharField(max_length=12, blank=True)
    # What `inventory.selectors.runs.run_accounts` annotates, of one run.
    state: str
    attempts: int | None
    started_at: "datetime | None"
    finished_at: "datetime | None"
    total_then: int
    complete_then: int
    denied_then: int
    unsupported_then: int

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
    """From when on what a collector reads of an account and region is known.

    The organization has no id, services without regions have the region `global`. `known_from`:
    start of the first run in which the collector was complete there. `known_until`: start of the
    run that found the account gone from the organization; null: it is there still. Without such a
    span what the collector would have read is unknown, not empty. It is kept when the coverage it
    came from is aged out.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    account_id = models.CharField(max_length=12, blank=True)
    collector = models.CharField(max_length=60)
    region = models.CharField(max_length=32, default="global")
    known_from = models.DateTimeField()
    known_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "collector", "account_id", "region"],
                condition=Q(known_until__isnull=True),
                name="one_open_span_a_region",
            )
        ]
        indexes = [
            models.Index(fields=["connection", "account_id"], name="collected_span_of_account")
        ]

    def __str__(self) -> str:
        return f"{self.collector} of {self.account_id or 'organization'} since {self.known_from}"
