"""Spreads what is in the outbox: to inboxes, to messages that wait, and to webhooks.

All of an event is spread in one transaction with the mark that it was, so a worker that dies in
between has done nothing, and none is spread twice.
"""

import logging
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction

from governance.access.viewers import viewer_of
from governance.notifications.addressed import AddressedNotification
from governance.notifications.choices import PersonChoices, choices_of
from governance.notifications.joining import join_messages
from governance.notifications.kinds import (
    EventKind,
    UnknownKind,
    Wording,
    fitted,
    kind_of,
    one_line,
)
from governance.notifications.leases import wait_after
from governance.notifications.models import (
    Notification,
    NotificationWay,
    OutboxEvent,
    Webhook,
    WebhookDelivery,
)
from governance.notifications.people import people_holding, viewer_digest
from governance.notifications.webhooks.payloads import delivery_of, wants
from inventory.viewing import Viewer

log = logging.getLogger(__name__)

BATCH: Final = 100
_ATTEMPTS: Final = 8
_WAITS: Final = tuple(timedelta(minutes=each) for each in (1, 2, 5, 15, 60, 180, 360))
_spread = random.SystemRandom()
# Administrators alone make webhooks: these are told of everything.
_EVERYTHING: Final = Viewer(sees_inventory=True)


class _Batch:
    """What is asked again and again while events are spread, each once a batch."""

    def __init__(self) -> None:
        self.webhooks = list(Webhook.objects.filter(enabled=True).order_by("pk"))
        self._holding: dict[str, list[User]] = {}
        self._choices: dict[int, PersonChoices] = {}
        self._viewers: dict[int, tuple[Viewer, str]] = {}

    def audience(self, kind: EventKind, event: OutboxEvent) -> list[User]:
        """Return who may be notified of an event."""
        if not isinstance(kind.audience, str):
            return list(kind.audience(event))
        if kind.audience not in self._holding:
            self._holding[kind.audience] = people_holding(kind.audience)
        return self._holding[kind.audience]

    def choices(self, users: Iterable[User]) -> dict[int, PersonChoices]:
        """Return what some people chose."""
        wanted = [user for user in users if user.pk not in self._choices]
        if wanted:
            self._choices |= choices_of(wanted)
        return self._choices

    def viewer(self, user: User) -> tuple[Viewer, str]:
        """Return what a person may see, with its digest."""
        if user.pk not in self._viewers:
            viewer = viewer_of(user)
            self._viewers[user.pk] = (viewer, viewer_digest(viewer))
        return self._viewers[user.pk]


@dataclass(frozen=True, slots=True)
class _Spread:
    """What comes of one event; nothing of it is stored yet."""

    notifications: list[AddressedNotification]
    deliveries: list[WebhookDelivery]


def spread_events(*, now: datetime, most: int = BATCH) -> int:
    """Spread the events that are due, the oldest first, and return how many were looked at.

    What another worker spreads at this moment is passed over. An event that cannot be put into
    words is tried again later and holds up no other.
    """
    with transaction.atomic():
        events = list(
            OutboxEvent.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(state=OutboxEvent.State.QUEUED, due_at__lte=now)
            .order_by("due_at", "pk")[:most]
        )
        if not events:
            return 0
        batch = _Batch()
        addressed: list[AddressedNotification] = []
        deliveries: list[WebhookDelivery] = []
        for event in events:
            try:
                with transaction.atomic():
                    found = _spread_one(event, batch, now)
            except Exception as error:
                # One wording that raises must not keep the others from being notified.
                log.exception("%s could not be spread", event)
                _put_off(event, error, now)
                continue
            addressed += found.notifications
            deliveries += found.deliveries
            event.state = OutboxEvent.State.SPREAD
            event.spread_at = now
        Notification.objects.bulk_create([one.notification for one in addressed], batch_size=500)
        join_messages(addressed, now=now)
        WebhookDelivery.objects.bulk_create(deliveries, batch_size=500)
        OutboxEvent.objects.bulk_update(
            events, ["state", "spread_at", "due_at", "attempts", "last_error"]
        )
    return len(events)


def _put_off(event: OutboxEvent, error: Exception, now: datetime) -> None:
    event.attempts += 1
    event.last_error = one_line(f"{type(error).__name__}: {error}", most=1000)
    if event.attempts >= _ATTEMPTS or isinstance(error, UnknownKind):
        event.state = OutboxEvent.State.FAILED
    else:
        event.due_at = now + wait_after(event.attempts, _WAITS, spread=_spread)


def _spread_one(event: OutboxEvent, batch: _Batch, now: datetime) -> _Spread:
    """Tell each person who may see some of an event and wants to know, and each webhook."""
    kind = kind_of(event.kind)
    worded: dict[str, Wording | None] = {}

    def words(viewer: Viewer, digest: str) -> Wording | None:
        if digest not in worded:
            wording = kind.words(event, viewer)
            worded[digest] = None if wording is None else fitted(wording)
        return worded[digest]

    notifications = []
    audience = batch.audience(kind, event)
    choices = batch.choices(audience)
    for user in audience:
        ways = choices[user.pk].ways_of(kind.name)
        viewer, digest = batch.viewer(user)
        wording = words(viewer, digest) if ways else None
        if wording is None:
            continue
        notification = Notification(
            user=user,
            event=event,
            connection_id=event.connection_id,
            kind=kind.name,
            title=wording.title,
            lines=list(wording.lines),
            path=wording.path,
            in_inbox=NotificationWay.INBOX in ways,
            seen_as=digest,
            occurred_at=event.occurred_at,
        )
        notifications.append(
            AddressedNotification(notification, kind.urgent, ways, choices[user.pk])
        )
    deliveries = []
    for webhook in batch.webhooks:
        if not (kind.for_webhooks and wants(webhook, event)):
            continue
        wording = words(_EVERYTHING, viewer_digest(_EVERYTHING))
        if wording is not None:
            deliveries.append(delivery_of(webhook, event, wording, now=now))
    return _Spread(notifications, deliveries)
