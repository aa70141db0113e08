"""Contracts: declared crossings, and their history."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class TrustContract(models.Model):
    """One crossing that is meant.

    `number`: counts within its organization; shown as C-17. `source` and `target`: whom it lets in
    and into what, as JSON of `governance.contracts.selectors_of`; `actions` and `guards`: the most
    it allows and the least it asks. `until`: the day it ends. `digest`: SHA-256 over what is agreed
    to; a review counts for one digest. An edge within a contract keeps its findings.
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
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    source = models.JSONField(default=dict)
    target = models.JSONField(default=dict)
    actions = models.JSONField(default=list)
    guards = models.JSONField(default=list)
    purpose = models.TextField()
    until = models.DateField(null=True, blank=True)
    digest = models.CharField(max_length=64)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    declared_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        default_permissions = ("view", "add")
        permissions = [("approve_trustcontract", "Can approve a trust contract")]
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "number"], name="trust_contract_once"),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(decided_at__isnull=False),
                name="trust_contract_active_is_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "state"], name="trust_contract_state"),
            models.Index(fields=["connection", "until"], name="trust_contract_until"),
        ]

    def __str__(self) -> str:
        return f"C-{self.number}"
