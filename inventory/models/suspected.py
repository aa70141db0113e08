"""What a run no longer found, so much at once that it was not taken for deleted."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class SuspectedDeletion(models.Model):
    """Rows of one table and account that a complete reading lacked and that stay open for now.

    They close when a later run lacks them too, or when a person says so; those that a later run
    finds again stay. `row_ids`: the versions on which nothing was decided yet.
    """

    class State(models.TextChoices):
        """SUSPECTED: waits for a word. DELETED: some or all were closed. FOUND: all are there."""

        SUSPECTED = "suspected", "Suspected"
        DELETED = "deleted", "Deleted"
        FOUND = "found", "Found again"

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    account_id = models.CharField(max_length=12, blank=True)
    table = models.CharField(max_length=40, help_text="A model of versions, by its class's name.")
    missing_at = models.DateTimeField(help_text="Start of the first run that lacked the rows.")
    missing = models.PositiveIntegerField(help_text="How many rows that run lacked.")
    known = models.PositiveIntegerField(help_text="Of how many it was to read.")
    closed = models.PositiveIntegerField(default=0)
    row_ids = ArrayField(models.BigIntegerField())
    state = models.CharField(max_length=9, choices=State.choices, default=State.SUSPECTED)
    decided_at = models.DateTimeField(
        null=True, help_text="Start of the run that decided, or when a person did."
    )
    closed_at = models.DateTimeField(
        null=True, help_text="From when on the rows that were closed hold no more."
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Null: a run decided.",
    )

    class Meta:
        ordering = ["-missing_at", "table", "account_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "missing_at", "table", "account_id"],
                name="one_suspected_deletion",
            )
        ]
        indexes = [
            models.Index(
                fields=["connection", "account_id"],
                condition=Q(state="suspected"),
                name="suspected_deletion_open",
            )
        ]
        permissions = [
            ("confirm_suspecteddeletion", "Can confirm that suspected deletions are real")
        ]

    def __str__(self) -> str:
        return f"{self.missing} of {self.table} in {self.account_id or 'the organization'}"
