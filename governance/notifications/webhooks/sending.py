"""Sends what is due to webhooks, notes each attempt, and gives up on those that never answer.

    QUEUED → DELIVERED | FAILED (after 12 attempts over some three days)

A delivery is taken by a lease, sent, and recorded; a worker that dies after the sending leaves it
to be sent again under the same `webhook-id`. A webhook that fails is left alone for a while, and
switched off when nothing was taken for `WEBHOOK_GIVE_UP_DAYS`, or at once at 410 Gone.
"""

import logging
import random
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from governance.access.actors import system_actor
from governance.audit import actions
from governance.audit.services import audit_record
from governance.notifications.kinds import one_line
from governance.notifications.leases import record, take_due, wait_after
from governance.notifications.models import Webhook, WebhookAttempt, WebhookDelivery
from governance.notifications.outbox import event_publish
from governance.notifications.sealing import CannotOpen
from governance.notifications.webhooks.payloads import TEST_KIND
from governance.notifications.webhooks.signing import signed_headers
from governance.outbound.addresses import AddressRefused
from governance.outbound.client import CallFailed, OutboundAnswer, post

log = logging.getLogger(__name__)

SWITCHED_OFF_KIND: Final = "webhook.switched_off"
_AT_ONCE: Final = 8
_EACH: Final = 8
_GONE: Final = 410
_WAITS: Final = tuple(
    timedelta(seconds=each)
    for each in (5, 60, 300, 1800, 7200, 18000, 36000, 50400, 50400, 50400, 50400)
)
_PAUSES: Final = tuple(timedelta(seconds=each) for each in (5, 30, 120, 300, 900))
_LONGEST_RETRY_AFTER: Final = timedelta(hours=24)
_KEPT_HEADERS: Final = 20
_states = WebhookDelivery.State
_spread = random.SystemRandom()

Clock = Callable[[], datetime]
Post = Callable[..., OutboundAnswer]


@dataclass(frozen=True, slots=True)
class _Tried:
    """What came of one attempt. `answer` None: none came, and `error` says why."""

    at: datetime
    headers: Mapping[str, str]
    answer: OutboundAnswer | None
    error: str


def send_due(*, clock: Clock, send: Post = post) -> int:
    """Send what is due to each webhook that is switched on; return how many were sent.

    Some of each webhook, so that one with many does not hold up the others.
    """
    now = clock()
    due = WebhookDelivery.objects.filter(
        Q(lease_until__isnull=True) | Q(lease_until__lte=now),
        webhook=OuterRef("pk"),
        state=_states.QUEUED,
        due_at__lte=now,
    )
    free = Webhook.objects.filter(Q(paused_until__isnull=True) | Q(paused_until__lte=now))
    sent = 0
    for webhook in free.filter(Exists(due), enabled=True).order_by("pk"):
        sent += _send_to(webhook, clock, send)
    return sent


def _send_to(webhook: Webhook, clock: Clock, send: Post) -> int:
    rows = WebhookDelivery.objects.filter(webhook=webhook, state=_states.QUEUED)
    holder, taken = take_due(rows, now=clock(), most=_EACH)
    if not taken:
        return 0
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        tried = list(pool.map(lambda one: _try(webhook, one, clock(), send), taken))
    for delivery, attempt in zip(taken, tried, strict=True):
        note_attempt(delivery, attempt, holder=holder, now=clock())
    return len(taken)


def send_now(delivery: WebhookDelivery, *, clock: Clock, send: Post = post) -> WebhookDelivery:
    """Send one delivery now, while somebody waits, and return what came of it.

    Where a worker holds it, that one's attempt counts.
    """
    rows = WebhookDelivery.objects.filter(pk=delivery.pk, state=_states.QUEUED)
    holder, taken = take_due(rows, now=clock(), most=1)
    for one in taken:
        attempt = _try(one.webhook, one, clock(), send)
        note_attempt(one, attempt, holder=holder, now=clock())
    return WebhookDelivery.objects.get(pk=delivery.pk)


def _try(webhook: Webhook, delivery: WebhookDelivery, now: datetime, send: Post) -> _Tried:
    headers: dict[str, str] = {}
    try:
        headers = signed_headers(webhook, delivery, now=now)
        answer = send(
            webhook.url,
            body=delivery.body.encode(),
            headers=headers,
            allowed_origins=settings.OUTBOUND_ALLOWED,
        )
    except (AddressRefused, CallFailed, CannotOpen) as error:
        return _Tried(now, headers, None, one_line(str(error), most=500))
    said = "" if answer.is_success else f"it answered {answer.status}"
    return _Tried(now, headers, answer, said)


@transaction.atomic
def note_attempt(delivery: WebhookDelivery, tried: _Tried, *, holder: str, now: datetime) -> None:
    """Record an attempt, what becomes of the delivery, and how the webhook fares."""
    webhook = Webhook.objects.select_for_update().get(pk=delivery.webhook_id)
    taken = tried.answer is not None and tried.answer.is_success
    given_up = delivery.attempts >= delivery.most_attempts
    if taken:
        changes = {"state": _states.DELIVERED, "delivered_at": now, "last_error": ""}
    elif given_up:
        changes = {"state": _states.FAILED, "last_error": tried.error}
    else:
        changes = {"due_at": _next(delivery, tried, now), "last_error": tried.error}
    if not record(delivery, holder=holder, **changes):
        log.warning("%s was taken over before its attempt was noted", delivery)
        return
    WebhookAttempt.objects.create(
        delivery=delivery,
        number=delivery.attempts_made.count() + 1,
        at=tried.at,
        status=None if tried.answer is None else tried.answer.status,
        error=tried.error,
        request_headers=dict(tried.headers),
        **_answered(tried.answer),
    )
    _judge(webhook, delivery, tried, now)


def _answered(answer: OutboundAnswer | None) -> dict[str, object]:
    if answer is None:
        return {}
    headers = {
        one_line(name, most=100): one_line(value, most=300)
        for name, value in list(answer.headers.items())[:_KEPT_HEADERS]
    }
    return {
        "seconds": answer.seconds,
        "answer_headers": headers,
        "answer_body": answer.body + ("…" if answer.truncated else ""),
        "ip_address": answer.ip_address.partition("%")[0],
    }


def _next(delivery: WebhookDelivery, tried: _Tried, now: datetime) -> datetime:
    wait = wait_after(delivery.attempts, _WAITS, spread=_spread)
    if tried.answer is not None:
        asked = tried.answer.headers.get("retry-after", "")
        if asked.isascii() and asked.isdecimal():
            seconds = min(int(asked[:9]), int(_LONGEST_RETRY_AFTER.total_seconds()))
            wait = max(wait, timedelta(seconds=seconds))
    return now + wait


def _judge(webhook: Webhook, delivery: WebhookDelivery, tried: _Tried, now: datetime) -> None:
    """Note how the webhook fares: well, to be left alone for a while, or to be switched off."""
    if tried.answer is not None and tried.answer.is_success:
        Webhook.objects.filter(pk=webhook.pk).update(
            failing_since=None, failures=0, paused_until=None
        )
        return
    if delivery.kind == TEST_KIND:
        return
    since = webhook.failing_since or now
    failures = webhook.failures + 1
    Webhook.objects.filter(pk=webhook.pk).update(
        failing_since=since,
        failures=failures,
        paused_until=now + wait_after(failures, _PAUSES, spread=_spread),
    )
    days = timedelta(days=settings.WEBHOOK_GIVE_UP_DAYS)
    if tried.answer is not None and tried.answer.status == _GONE:
        _switch_off(webhook, "it answered 410 Gone, which asks to be called no more", now)
    elif now - since >= days:
        said = (
            f"no delivery succeeded for {settings.WEBHOOK_GIVE_UP_DAYS} days; last: {tried.error}"
        )
        _switch_off(webhook, said, now)


def _switch_off(webhook: Webhook, because: str, now: datetime) -> None:
    if not webhook.enabled:
        return
    Webhook.objects.filter(pk=webhook.pk).update(
        enabled=False, switched_off_because=because, changed_at=now
    )
    audit_record(
        actor=system_actor("webhooks"),
        action=actions.WEBHOOK_SWITCH,
        object_kind="webhook",
        object_id=str(webhook.pk),
        object_name=webhook.name,
        before={"enabled": True},
        after={"enabled": False, "because": because},
        now=now,
    )
    event_publish(
        kind=SWITCHED_OFF_KIND,
        subject={"webhook_id": webhook.pk, "name": webhook.name, "because": because},
        now=now,
    )
