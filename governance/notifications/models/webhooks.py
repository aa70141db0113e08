"""Webhooks, what was to be delivered to them, and each attempt."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.notifications.models.leased import Leased
from governance.notifications.models.outbox import OutboxEvent


class Webhook(models.Model):
    """An address that receives events as signed requests, after Standard Webhooks.

    `kinds`: names of the kinds it wants; empty: all. Secrets are sealed
    (`governance.notifications.sealing`); after a rotation both sign until `previous_until`.
    `failing_since`: of the first failure since it last took something.
    """

    name = models.CharField(max_length=80, unique=True)
    url = models.CharField(max_length=2000)
    kinds = models.JSONField(default=list)
    connection = models.ForeignKey(
        "inventory.Connection",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Only events of this organization; null: of all.",
    )
    sealed_secret = models.TextField()
    sealed_previous = models.TextField(blank=True)
    previous_until = models.DateTimeField(null=True, blank=True)
    enabled = models.BooleanField(default=True)
    switched_off_because = models.TextField(blank=True, help_text="Empty: by hand.")
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="Since it last took something.")
    paused_until = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]
        permissions = [("manage_webhook", "Can manage webhooks")]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(Leased):
    """One event for one webhook. Its id is the `webhook-id`, the same in every attempt.

    `body`: what is sent, byte for byte, so that a replay sends the same. `event` is null of a test
    and of what was aged out.
    """

    class State(models.TextChoices):
        """Where it stands. FAILED: it was given up."""

        QUEUED = "queued", "Queued"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(
        OutboxEvent, null=True, blank=True, on_delete=models.SET_NULL, related_name="deliveries"
    )
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    body = models.TextField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    most_attempts = models.PositiveSmallIntegerField(help_text="After so many it is given up.")

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event"], name="one_delivery_an_event")
        ]
        indexes = [
            models.Index(
                fields=["webhook", "due_at"],
                condition=Q(state="queued"),
                name="deliveries_queued",
            ),
            models.Index(fields=["webhook", "-created_at", "-id"], name="deliveries_of_webhook"),
            models.Index(fields=["created_at"], name="deliveries_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.webhook_id}"

    @property
    def message_id(self) -> str:
        """The `webhook-id`."""
        return f"msg_{self.pk.hex}"


class WebhookAttempt(models.Model):
    """One request of a delivery and what came back, as far as it is kept."""

    delivery = models.ForeignKey(
        WebhookDelivery, on_delete=models.CASCADE, related_name="attempts_made"
    )
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    seconds = models.FloatField(default=0.0)
    status = models.PositiveSmallIntegerField(null=True, help_text="Null: no answer came.")
    error = models.TextField(blank=True)
    request_headers = models.JSONField(default=dict)
    answer_headers = models.JSONField(default=dict)
    answer_body = models.TextField(blank=True)
    ip_address = models.CharField(max_length=45, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.delivery_id}"
