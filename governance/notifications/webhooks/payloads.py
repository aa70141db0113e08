"""What is sent to webhooks, after Standard Webhooks: https://www.standardwebhooks.com."""

import json
from datetime import UTC, datetime
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder

from governance.notifications.addresses import absolute
from governance.notifications.kinds import Wording
from governance.notifications.models import OutboxEvent, Webhook, WebhookDelivery

ATTEMPTS: Final = 12
TEST_KIND: Final = "webhook.test"


def wants(webhook: Webhook, event: OutboxEvent) -> bool:
    """Return whether a webhook receives events of this kind and organization."""
    if webhook.kinds and event.kind not in webhook.kinds:
        return False
    return webhook.connection_id is None or webhook.connection_id == event.connection_id


def delivery_of(
    webhook: Webhook, event: OutboxEvent, wording: Wording, *, now: datetime
) -> WebhookDelivery:
    """Return the delivery of an event to a webhook, not stored yet."""
    data = {
        "organization": event.connection.slug if event.connection is not None else None,
        "title": wording.title,
        "lines": list(wording.lines),
        "url": absolute(wording.path) if wording.path else None,
        **wording.facts,
    }
    return WebhookDelivery(
        webhook=webhook,
        event=event,
        kind=event.kind,
        title=wording.title,
        body=_body(event.kind, event.occurred_at, data),
        due_at=now,
        created_at=now,
        most_attempts=ATTEMPTS,
    )


def test_delivery(webhook: Webhook, *, now: datetime) -> WebhookDelivery:
    """Return a test delivery without an event, to try a webhook; it is tried once only."""
    title = f"Test of the webhook {webhook.name}"
    return WebhookDelivery(
        webhook=webhook,
        kind=TEST_KIND,
        title=title,
        body=_body(TEST_KIND, now, {"organization": None, "title": title, "lines": []}),
        due_at=now,
        created_at=now,
        most_attempts=1,
    )


def _body(kind: str, at: datetime, data: dict[str, Any]) -> str:
    timestamp = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps(
        {"type": kind, "timestamp": timestamp, "data": data},
        cls=DjangoJSONEncoder,
        ensure_ascii=False,
        separators=(",", ":"),
    )
