"""Mails: the same in text and in HTML, under an id that stays however often one is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from governance.notifications.addresses import absolute
from governance.notifications.kinds import label_of
from governance.notifications.models import Message, Notification
from governance.notifications.people import time_zone_of
from governance.notifications.texts import subject_of

_MOST_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail that needs no database any more. `message_id`: with its angle brackets."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    date: str


def mail_of(message: Message, listed: Sequence[Notification], *, now: datetime) -> OutgoingMail:
    """Return the mail that tells a person of some notifications, times by their clock."""
    zone = time_zone_of(message.user)
    shown = [
        {
            "title": one.title,
            "label": label_of(one.kind),
            "lines": one.lines,
            "href": absolute(one.path) if one.path else "",
            "at": one.occurred_at.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z"),
        }
        for one in listed[-_MOST_SHOWN:]
    ]
    context: dict[str, Any] = {
        "shown": shown,
        "more": max(0, len(listed) - _MOST_SHOWN),
        "count": len(listed),
        "inbox_href": absolute(reverse("inbox")),
        "choices_href": absolute(reverse("notification-choices")),
    }
    return OutgoingMail(
        to=message.user.email,
        subject=subject_of(listed),
        text=render_to_string("governance/notifications/mail.txt", context),
        html=render_to_string("governance/notifications/mail.html", context),
        message_id=f"<{message.pk}@{settings.MAIL_ID_DOMAIN}>",
        date=format_datetime(now),
    )


def mail_send(mail: OutgoingMail) -> None:
    """Hand a mail to the server that the settings name.

    :raises smtplib.SMTPException: the server did not take it.
    :raises OSError: it cannot be reached.
    :raises ValueError: a header would hold a line break.
    """
    outgoing = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[mail.to],
        headers={
            "Message-ID": mail.message_id,
            "Date": mail.date,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    outgoing.attach_alternative(mail.html, "text/html")
    outgoing.send()
