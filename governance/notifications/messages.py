"""Sends the messages that are due: each tells one person of one or more notifications.

    WAITING → FROZEN → SENT | FAILED | DROPPED

A message is taken by a lease, sent, and recorded; a worker that dies after the sending leaves it
to be sent again with the same Message-ID.
"""

import logging
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Final

from governance.notifications.chat import ChatFailed, ChatRefused, chat_send
from governance.notifications.inbox import notifications_renewed
from governance.notifications.kinds import one_line
from governance.notifications.leases import record, take_due, wait_after
from governance.notifications.mail import OutgoingMail, mail_of, mail_send
from governance.notifications.models import Message, NotificationWay
from governance.notifications.sealing import CannotOpen, unseal
from governance.notifications.texts import chat_text

log = logging.getLogger(__name__)

_BATCH: Final = 20
_AT_ONCE: Final = 8
_ATTEMPTS: Final = 8
_WAITS: Final = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 180, 360, 720))
_states = Message.State
_spread = random.SystemRandom()

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Senders:
    """What hands a message to the world; tests put in what fails or dies."""

    mail: Callable[[OutgoingMail], None] = mail_send
    chat: Callable[..., None] = chat_send


USUAL_SENDERS: Final = Senders()


@dataclass(frozen=True, slots=True)
class _SendResult:
    """What came of a message. `final`: it is not to be tried again."""

    state: str
    error: str = ""
    final: bool = True


def send_messages(*, clock: Clock, senders: Senders = USUAL_SENDERS, most: int = _BATCH) -> int:
    """Send at most so many messages that are due and return how many were taken."""
    rows = Message.objects.filter(state__in=Message.OPEN_STATES)
    holder, taken = take_due(rows, now=clock(), most=most, state=_states.FROZEN)
    if not taken:
        return 0
    prepared = [_prepare(message, senders, now=clock()) for message in taken]
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        outcomes = list(pool.map(lambda send: send(), prepared))
    for message, outcome in zip(taken, outcomes, strict=True):
        _note(message, outcome, holder=holder, now=clock())
    return len(taken)


def _prepare(message: Message, senders: Senders, *, now: datetime) -> Callable[[], _SendResult]:
    """Read what a message needs, so that sending it touches no database."""
    user = message.user
    if not user.is_active:
        return _ready(_SendResult(_states.DROPPED, "the person is deactivated"))
    visible = notifications_renewed(user, message.notifications.order_by("occurred_at", "pk"))
    if not visible:
        return _ready(_SendResult(_states.DROPPED, "nothing of it may be seen any more"))
    if message.way == NotificationWay.MAIL:
        if not user.email:
            return _ready(_SendResult(_states.DROPPED, "the person has no mail address"))
        mail = mail_of(message, visible, now=now)
        return lambda: _attempt(lambda: senders.mail(mail))
    if message.chat is None:
        return _ready(_SendResult(_states.DROPPED, "the place was removed"))
    title, body = chat_text(visible)
    sealed = message.chat.sealed_url
    return lambda: _attempt(
        lambda: senders.chat(unseal(sealed, purpose="chat address"), title=title, body=body)
    )


def _ready(outcome: _SendResult) -> Callable[[], _SendResult]:
    return lambda: outcome


def _attempt(send: Callable[[], None]) -> _SendResult:
    try:
        send()
    except (SMTPRecipientsRefused, ChatRefused, CannotOpen) as error:
        return _SendResult(_states.FAILED, one_line(str(error), most=500))
    except (SMTPException, OSError, ChatFailed, ValueError) as error:
        said = str(error) or type(error).__name__
        return _SendResult(_states.FAILED, one_line(said, most=500), final=False)
    return _SendResult(_states.SENT)


def _note(message: Message, outcome: _SendResult, *, holder: str, now: datetime) -> None:
    if outcome.state == _states.SENT:
        noted = record(message, holder=holder, state=_states.SENT, sent_at=now, last_error="")
    elif outcome.final or message.attempts >= _ATTEMPTS:
        noted = record(message, holder=holder, state=outcome.state, last_error=outcome.error)
    else:
        wait = wait_after(message.attempts, _WAITS, spread=_spread)
        noted = record(message, holder=holder, due_at=now + wait, last_error=outcome.error)
    if not noted:
        log.warning("%s was taken over before its sending was noted", message)
    elif outcome.error:
        log.warning("%s was not sent: %s", message, outcome.error)
