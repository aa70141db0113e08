"""Tables of the outbox, of people's inboxes and of webhooks."""

from governance.notifications.models.outbox import OutboxEvent
from governance.notifications.models.people import (
    ChatAddress,
    DeliverySettings,
    KindChoice,
    Message,
    Notification,
    NotificationWay,
)
from governance.notifications.models.webhooks import Webhook, WebhookAttempt, WebhookDelivery

__all__ = [
    "ChatAddress",
    "DeliverySettings",
    "KindChoice",
    "Message",
    "Notification",
    "NotificationWay",
    "OutboxEvent",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
]
