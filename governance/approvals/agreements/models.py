"""What every agreement is stored with."""

from datetime import date, datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models


class AgreementModel(models.Model):
    """Something that holds once owners agreed to it, until `until` where it has a last day.

    `number`: counts within its organization. `version`: counts its edits. `digest`: SHA-256 over
    what is agreed to; a review counts for one digest. `target_ids`: the accounts, OUs and root
    whose owners agree. `waiting_for`: ids of the people whose turn it is.

    Each kind has `state`, `target_ids`, `until` and `updated_at` as columns of its own.
    """

    class State(models.TextChoices):
        """How far it is."""

        DRAFT = "draft", "Draft"
        PROPOSED = "proposed", "Waiting for approval"
        ACTIVE = "active", "Active"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"
        ENDED = "ended", "Ended"

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.PROTECT, related_name="+"
    )
    number = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=64)
    proposed_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)
    waiting_for = ArrayField(models.IntegerField(), default=list, blank=True)

    state: "models.CharField[str, str]"
    target_ids: "ArrayField[list[str], list[str]]"
    until: "models.DateField[date, date | None]"
    updated_at: "models.DateTimeField[datetime, datetime | None]"

    class Meta:
        abstract = True

    def is_over(self, today: date) -> bool:
        """Whether its last day is past."""
        return self.until is not None and self.until < today

    @property
    def state_label(self) -> str:
        """Its state within a sentence."""
        return AgreementModel.State(self.state).label.lower()
