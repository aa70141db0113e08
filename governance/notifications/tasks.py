"""Celery's edge of notifications. The broker holds no event: beat asks again and again.

None is acks_late: what a lost worker held is taken by the next task once its lease has ended. All
expire, so that none pile up while no worker is there.
"""

import time
from collections.abc import Callable
from typing import Final

from celery import shared_task
from django.utils import timezone

from governance.notifications.aging import age_out_notifications
from governance.notifications.first_kinds.tokens import publish_tokens_ending
from governance.notifications.messages import send_messages
from governance.notifications.spreading import spread_events
from governance.notifications.webhooks.sending import send_due

_SECONDS: Final = 20.0
_LIMIT: Final = 240


def _until_done(step: Callable[[], int]) -> None:
    """Repeat a step until it finds nothing more, or for as long as one task should take."""
    until = time.monotonic() + _SECONDS
    while step() and time.monotonic() < until:
        pass


@shared_task(
    name="notifications.spread",
    acks_late=False,
    ignore_result=True,
    expires=10,
    soft_time_limit=_LIMIT,
)
def spread_task() -> None:
    """Spread what is in the outbox."""
    _until_done(lambda: spread_events(now=timezone.now()))


@shared_task(
    name="notifications.send_messages",
    acks_late=False,
    ignore_result=True,
    expires=10,
    soft_time_limit=_LIMIT,
)
def send_messages_task() -> None:
    """Send mails and messages to chats that are due."""
    _until_done(lambda: send_messages(clock=timezone.now))


@shared_task(
    name="notifications.send_webhooks",
    acks_late=False,
    ignore_result=True,
    expires=10,
    soft_time_limit=_LIMIT,
)
def send_webhooks_task() -> None:
    """Send what is due to webhooks."""
    _until_done(lambda: send_due(clock=timezone.now))


@shared_task(name="notifications.look_ahead", acks_late=False, ignore_result=True, expires=3500)
def look_ahead_task() -> None:
    """Publish what is about to happen: tokens that end."""
    publish_tokens_ending(now=timezone.now())


@shared_task(name="notifications.age_out", acks_late=False, ignore_result=True, expires=590)
def age_out_task() -> None:
    """Delete what was told long ago."""
    age_out_notifications(now=timezone.now())
