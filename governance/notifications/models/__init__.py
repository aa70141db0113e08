"""Tables of the outbox, of people's inboxes and of webhooks."""

from governance.notifications.models.outbox import OutboxEvent
from governance.notifications.models.people import (
    ChatAddress,
    DeliverySettings,
    KindChoice,
    Message,
    Notification,
    Way,
)
from governance.notifications.models.webhooks import Webhook, WebhookAttempt, WebhookDelivery

__all__ = [
    "ChatAddress",
    "DeliverySettings",
    "KindChoice",
    "Message",
    "Notification",
    "OutboxEvent",
    "Way",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
]
