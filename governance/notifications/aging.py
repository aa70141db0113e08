"""Deletes what was limit long ago, in batches."""

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import QuerySet

from governance.notifications.models import Message, Notification, OutboxEvent, WebhookDelivery

log = logging.getLogger(__name__)

_BATCH: Final = 2000
_BATCHES: Final = 50


def age_out_notifications(
    *, now: datetime, batch: int = _BATCH, batches: int = _BATCHES
) -> dict[str, int]:
    """Delete what is older than `NOTIFICATION_DAYS`, and deliveries older than `DELIVERY_DAYS`.

    The oldest first, at most `batches` of `batch` rows of each table, each in a transaction of its
    own. What is still to be sent stays. Returns how many rows went, by table.
    """
    limit = now - timedelta(days=settings.NOTIFICATION_DAYS)
    delivered = now - timedelta(days=settings.DELIVERY_DAYS)
    open_messages = Message.objects.filter(state__in=Message.OPEN_STATES)
    old: dict[str, tuple[QuerySet[Any], str]] = {
        "deliveries": (
            WebhookDelivery.objects.filter(created_at__lt=delivered).exclude(
                state=WebhookDelivery.State.QUEUED, webhook__enabled=True
            ),
            "created_at",
        ),
        "messages": (
            Message.objects.filter(created_at__lt=limit).exclude(state__in=Message.OPEN_STATES),
            "created_at",
        ),
        "notifications": (
            Notification.objects.filter(occurred_at__lt=limit).exclude(messages__in=open_messages),
            "occurred_at",
        ),
        # Last: notifications go with their event.
        "events": (
            OutboxEvent.objects.filter(occurred_at__lt=limit, notifications__isnull=True).exclude(
                state=OutboxEvent.State.QUEUED
            ),
            "occurred_at",
        ),
    }
    gone = {name: _age_out(rows, order, batch, batches) for name, (rows, order) in old.items()}
    if any(gone.values()):
        log.info("aged out: %s", ", ".join(f"{count} {name}" for name, count in gone.items()))
    return gone


def _age_out(rows: "QuerySet[Any]", order: str, batch: int, batches: int) -> int:
    gone = 0
    for _ in range(batches):
        chosen = list(rows.order_by(order).values_list("pk", flat=True)[:batch])
        if not chosen:
            break
        rows.model._default_manager.filter(pk__in=chosen).delete()
        gone += len(chosen)
        if len(chosen) < batch:
            break
    return gone
