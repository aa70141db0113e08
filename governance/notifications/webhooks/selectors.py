"""Reads of webhooks and their deliveries, for those who may manage them."""

from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from governance.notifications.models import Webhook, WebhookAttempt, WebhookDelivery


def webhooks() -> "QuerySet[Webhook]":
    """Every webhook by name, with how much waits for it and when it last took something."""
    return (
        Webhook.objects.select_related("connection", "created_by")
        .annotate(
            queued=Count("deliveries", filter=Q(deliveries__state=WebhookDelivery.State.QUEUED)),
            delivered_at=Max("deliveries__delivered_at"),
        )
        .order_by("name", "pk")
    )


def webhook_of(webhook_id: int) -> Webhook:
    """Return one webhook as `webhooks` tells it.

    :raises Webhook.DoesNotExist: there is none.
    """
    return webhooks().get(pk=webhook_id)


def deliveries_of(webhook: Webhook) -> "QuerySet[WebhookDelivery]":
    """The deliveries of a webhook, the newest first."""
    return WebhookDelivery.objects.filter(webhook=webhook).order_by("-created_at", "-pk")


def delivery_of(webhook: Webhook, delivery_id: UUID) -> WebhookDelivery:
    """Return one delivery of a webhook.

    :raises WebhookDelivery.DoesNotExist: it has none of that id.
    """
    return deliveries_of(webhook).get(pk=delivery_id)


def attempts_of(delivery: WebhookDelivery) -> "QuerySet[WebhookAttempt]":
    """The attempts of a delivery, the newest first."""
    return WebhookAttempt.objects.filter(delivery=delivery).order_by("-at", "-pk")
