"""Guardrails of the organization, and what is found of each in each account, as versions."""

from django.db import models
from django.db.models import Q

from governance.edits.rule_versions import WrittenRule
from governance.jobs.models import Job
from inventory.models.versions import Version


class GuardrailDefinition(WrittenRule):
    """One version of a guardrail; its id is as in files, such as `cloudtrail-stays-on`."""

    guardrail_id = models.CharField(max_length=80)

    class Meta:
        default_permissions = ("view", "change")
        ordering = ["guardrail_id", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "guardrail_id", "version"], name="guardrail_definition_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guardrail_id} version {self.version}"


class GuardrailProof(models.Model):
    """What a result rests on, stored once for all accounts in which it is the same.

    `digest`: SHA-256 of `content`: as JSON `because`, `counterexample`, `keys`, and for a state
    guardrail what was read, where.
    """

    digest = models.CharField(max_length=64, unique=True)
    content = models.JSONField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest


class GuardrailResult(Version):
    """What holds of one guardrail in one account, from one inventory run until another."""

    class ResultOutcome(models.TextChoices):
        """What was found, the worst first.

        UNDECIDED: the engine could not say. NOT_COVERED: what it rests on could not be read.
        """

        FAILS = "fails", "Fails"
        UNDECIDED = "undecided", "Undecided"
        NOT_COVERED = "not_covered", "Not covered"
        HOLDS = "holds", "Holds"

    guardrail_id = models.CharField(max_length=80)
    account_id = models.CharField(max_length=12)
    outcome = models.CharField(max_length=11, choices=ResultOutcome.choices)
    proof = models.ForeignKey(GuardrailProof, on_delete=models.PROTECT, related_name="+")

    # What selectors annotate.
    account_name: "str | None"

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "guardrail_id", "account_id"],
                condition=Q(seen_until__isnull=True),
                name="guardrail_result_one_open_version",
            ),
            models.CheckConstraint(
                condition=Q(seen_until__isnull=True) | Q(seen_until__gt=models.F("seen_from")),
                name="guardrail_result_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(
                fields=["connection", "guardrail_id", "account_id", "seen_from"],
                name="guardrail_result_history",
            ),
            models.Index(
                fields=["connection", "account_id"],
                condition=Q(seen_until__isnull=True),
                name="guardrail_result_account",
            ),
            models.Index(
                fields=["connection", "guardrail_id", "outcome", "account_id"],
                condition=Q(seen_until__isnull=True),
                name="guardrail_result_outcome",
            ),
            models.Index(fields=["connection", "seen_from"], name="guardrail_result_began"),
            models.Index(
                fields=["connection", "seen_until"],
                condition=Q(seen_until__isnull=False),
                name="guardrail_result_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guardrail_id} in {self.account_id}"


class GuardrailTally(models.Model):
    """How many accounts directly in a root or OU are how under one guardrail, while it was so.

    `excepted`: of those in which it does not hold, the ones that an exception covers; they are not
    counted among the others. Trends and the matrix of OUs are read from these.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    guardrail_id = models.CharField(max_length=80)
    parent_id = models.CharField(max_length=68)
    holds = models.PositiveIntegerField(default=0)
    fails = models.PositiveIntegerField(default=0)
    undecided = models.PositiveIntegerField(default=0)
    not_covered = models.PositiveIntegerField(default=0)
    excepted = models.PositiveIntegerField(default=0)
    held_from = models.DateTimeField()
    held_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "guardrail_id", "parent_id"],
                condition=Q(held_until__isnull=True),
                name="guardrail_tally_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "held_from"], name="guardrail_tally_began"),
            models.Index(fields=["connection", "held_until"], name="guardrail_tally_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.guardrail_id} in {self.parent_id} from {self.held_from}"


class GuardrailReading(models.Model):
    """Up to which state of an organization the results of one guardrail are known.

    `inputs_sha256`: of the guardrail with its parameters; equal ones are asked only of accounts
    that changed. `scope_sha256`: of the accounts that it was asked of. `problem`: why it could not
    be worked out; empty: it was. Of an id that begins with a colon: up to when the rows of a table
    were looked at.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    guardrail_id = models.CharField(max_length=80)
    inputs_sha256 = models.CharField(max_length=64)
    scope_sha256 = models.CharField(max_length=64, blank=True)
    moment = models.DateTimeField()
    read_at = models.DateTimeField()
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "guardrail_id"], name="guardrail_reading_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guardrail_id} {self.inputs_sha256[:12]}"


class BoundAccount(models.Model):
    """What binds an account, as of the last refresh: equal marks, equal results of effects."""

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    account_id = models.CharField(max_length=12)
    policies_sha256 = models.CharField(max_length=64)
    parent_id = models.CharField(max_length=68)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["connection", "account_id"], name="bound_account_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.policies_sha256[:12]}"


class MutationJob(Job):
    """A mutation test of an organization's SCPs and RCPs that somebody asked for."""

    class Meta(Job.Meta):
        abstract = False
