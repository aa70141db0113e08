"""A sign-in by an account for emergencies: everybody who watches over access is told at once."""

from typing import Any, Final

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.client_address import client_address
from governance.notifications.kinds import EventKind, Wording, register_kind
from governance.notifications.models import NotificationWay, OutboxEvent
from governance.notifications.outbox import event_publish
from inventory.viewing import Viewer

BREAK_GLASS: Final = "sign_in.break_glass"


def publish_break_glass(*, user: User, request: HttpRequest | None = None, **_: Any) -> None:
    """Publish a sign-in if it is one by an account for emergencies."""
    profile = getattr(user, "profile", None)
    if profile is None or not profile.break_glass:
        return
    address = "" if request is None else client_address(request)
    with transaction.atomic():
        event_publish(
            kind=BREAK_GLASS,
            subject={"user_id": user.pk, "username": user.get_username(), "address": address},
            now=timezone.now(),
        )


def _words(event: OutboxEvent, viewer: Viewer) -> Wording | None:
    username, address = event.subject["username"], event.subject["address"]
    at = event.occurred_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    return Wording(
        title=f"{username} signed in with a break-glass account",
        lines=(
            f"At {at}, from {address or 'an unknown address'}.",
            "Break-glass accounts are for emergencies. If you know of none, end the session and "
            "deactivate the account.",
        ),
        path=reverse("inbox"),
        facts={"username": username, "address": address or None},
    )


def register() -> None:
    """Declare the kind, and publish it at sign-ins."""
    register_kind(
        EventKind(
            name=BREAK_GLASS,
            label="Break-glass sign-in",
            help="Someone signed in with a break-glass account.",
            group="Access",
            audience=rights.VIEW_ROLES,
            words=_words,
            default=frozenset(NotificationWay),
            urgent=True,
        )
    )
    user_logged_in.connect(publish_break_glass, dispatch_uid="notifications.break_glass")
