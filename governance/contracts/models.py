"""Contracts: declared crossings, and their history."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from governance.approvals.agreements.models import AgreementModel
from governance.contracts.terms import ContractTerms, stored_terms


class TrustContract(AgreementModel):
    """One crossing that is meant.

    `number`: shown as C-17. `source` and `target`: whom it lets in and into what, as JSON of
    `ContractSource` and `ContractTarget`; `actions` and `guards`: the most it allows and the least
    it asks. `target_ids`: what it lets into. `replaces`: the active contract that ends once this
    one is active. An edge within a contract keeps its findings.
    """

    state = models.CharField(
        max_length=10, choices=AgreementModel.State.choices, default=AgreementModel.State.DRAFT
    )
    source = models.JSONField(default=dict)
    target = models.JSONField(default=dict)
    actions = models.JSONField(default=list)
    guards = models.JSONField(default=list)
    purpose = models.TextField()
    until = models.DateField(null=True, blank=True)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    declared_at = models.DateTimeField()
    target_ids = ArrayField(models.CharField(max_length=140), default=list, blank=True)
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
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
            GinIndex(fields=["target_ids"], name="trust_contract_targets"),
        ]

    def __str__(self) -> str:
        return f"C-{self.number}"

    @property
    def terms(self) -> ContractTerms:
        """What is agreed to."""
        return stored_terms(
            self.source, self.target, self.actions, self.guards, self.purpose, self.until
        )


class TrustContractVersion(models.Model):
    """What a contract said at one version, and who wrote that; they cannot approve it.

    `terms`: as JSON of `ContractTerms`.
    """

    contract = models.ForeignKey(TrustContract, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    terms = models.JSONField()
    digest = models.CharField(max_length=64)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "version"], name="trust_contract_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract} version {self.version}"


class ContractMatch(models.Model):
    """An edge that crosses an account and an active contract that covers it, while it does.

    Worked out whenever edges, contracts or external parties change; `edge_key`: of `TrustEdge`.
    It holds from `matched_from` until `matched_until`, null: now.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    contract = models.ForeignKey(TrustContract, on_delete=models.CASCADE, related_name="matches")
    edge_key = models.CharField(max_length=64)
    matched_from = models.DateTimeField()
    matched_until = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "edge_key"],
                condition=Q(matched_until__isnull=True),
                name="contract_match_one_open",
            ),
            models.CheckConstraint(
                condition=Q(matched_until__isnull=True)
                | Q(matched_until__gt=models.F("matched_from")),
                name="contract_match_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["connection", "edge_key"], name="contract_match_edge")]

    def __str__(self) -> str:
        return f"{self.contract} {self.edge_key[:12]}"


class ContractMatching(models.Model):
    """Since when it is known which contract covered which edge of an organization."""

    connection = models.OneToOneField(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    known_from = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.connection_id} {self.known_from:%Y-%m-%d}"
