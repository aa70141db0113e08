"""A webhook with a delivery, to visit."""

from django.utils import timezone

from governance.notifications.models import Webhook, WebhookDelivery


def kept_delivery() -> WebhookDelivery:
    """Keep a webhook that is switched off, with a delivery that was given up."""
    now = timezone.now()
    webhook, _ = Webhook.objects.get_or_create(
        name="smoke",
        defaults={
            "url": "https://hooks.example.com/",
            "enabled": False,
            "sealed_secret": "",
            "created_at": now,
            "changed_at": now,
        },
    )
    return WebhookDelivery.objects.create(
        webhook=webhook,
        kind="webhook.test",
        title="Test of the webhook smoke",
        body="{}",
        state=WebhookDelivery.State.FAILED,
        due_at=now,
        created_at=now,
        most_attempts=1,
    )
