"""Exceptions from guardrails."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from governance.approvals.agreements.models import AgreementModel


class GuardrailException(AgreementModel):
    """Where one guardrail need not hold, until `until`.

    `number`: shown as E-4. `target_ids`: what it covers. `principals`: patterns of
    aws:PrincipalArn that it is for; empty: all. `mitigation`: what does the guardrail's work
    instead; empty for a waiver. `owner`: who answers for it. `proof`: what exactly becomes possible
    and for whom, worked out when it was submitted. `used_at`: when the guardrail was last seen
    failing within its scope; null: never. `edited_by`: ids of who wrote a version, who cannot
    approve it.
    """

    class Kind(models.TextChoices):
        """Why it is acceptable."""

        WAIVER = "waiver", "Waiver"
        MITIGATED = "mitigated", "Mitigated by"

    guardrail_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    state = models.CharField(
        max_length=9, choices=AgreementModel.State.choices, default=AgreementModel.State.DRAFT
    )
    target_ids = ArrayField(models.CharField(max_length=140))
    principals = ArrayField(models.CharField(max_length=2048), default=list, blank=True)
    reason = models.TextField()
    mitigation = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    until = models.DateField()
    proof = models.JSONField(default=dict)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    edited_by = ArrayField(models.IntegerField(), default=list, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ("view", "add")
        permissions = [("approve_guardrailexception", "Can approve an exception")]
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "number"], name="guardrail_exception_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(decided_at__isnull=False),
                name="guardrail_exception_active_is_decided",
            ),
            models.CheckConstraint(
                condition=~Q(kind="mitigated") | ~Q(mitigation=""),
                name="guardrail_exception_names_its_mitigation",
            ),
        ]
        indexes = [
            models.Index(
                fields=["connection", "guardrail_id", "state"], name="guardrail_exception_state"
            ),
            models.Index(fields=["connection", "until"], name="guardrail_exception_until"),
            GinIndex(fields=["target_ids"], name="guardrail_exception_targets"),
        ]

    def __str__(self) -> str:
        return f"E-{self.number}"


class ExceptionUse(models.Model):
    """An account in which an active exception covers now that its guardrail does not hold."""

    exception = models.ForeignKey(GuardrailException, on_delete=models.CASCADE, related_name="uses")
    account_id = models.CharField(max_length=12)
    since = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["exception", "account_id"], name="exception_use_once"),
        ]

    def __str__(self) -> str:
        return f"{self.exception} in {self.account_id}"
