"""A token that is about to end: its person is told, twice."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse

from governance.access import rights
from governance.access.models import ApiToken
from governance.notifications.kinds import EventKind, Wording, register_kind
from governance.notifications.models import NotificationWay, OutboxEvent
from governance.notifications.outbox import event_publish
from governance.notifications.people import people_by_id, people_holding
from inventory.viewing import Viewer

TOKEN_ENDING: Final = "token.ending"  # noqa: S105
DAYS_BEFORE: Final = (14, 3)


def publish_tokens_ending(*, now: datetime) -> int:
    """Publish each token that ends within 14 days, and again within 3; return how many were.

    A token that was made for less than so long is told of only when less is left of it.
    """
    published = 0
    last = now + timedelta(days=max(DAYS_BEFORE))
    live = ApiToken.objects.filter(
        revoked_at__isnull=True, expires_at__gt=now, expires_at__lte=last, user__is_active=True
    )
    for token in live.order_by("expires_at", "pk"):
        days = min(each for each in DAYS_BEFORE if token.expires_at <= now + timedelta(days=each))
        if token.expires_at - token.created_at <= timedelta(days=days):
            continue
        with transaction.atomic():
            event = event_publish(
                kind=TOKEN_ENDING,
                subject={"token_id": token.pk, "user_id": token.user_id},
                once=f"{token.pk}:{token.expires_at.isoformat()}:{days}",
                now=now,
            )
        published += event is not None
    return published


def _audience(event: OutboxEvent) -> Iterable[User]:
    """Return the token's person; of a service account's token those who may end it."""
    owner = people_by_id([event.subject["user_id"]])
    return owner or people_holding(rights.MANAGE_ALL_TOKENS)


def _words(event: OutboxEvent, viewer: Viewer) -> Wording | None:
    token = (
        ApiToken.objects.select_related("user")
        .filter(pk=event.subject["token_id"], revoked_at__isnull=True)
        .first()
    )
    if token is None:
        return None
    ends = token.expires_at.strftime("%Y-%m-%d %H:%M UTC")
    return Wording(
        title=f"The API token {token.name} of {token.user.get_username()} ends on {ends}",
        lines=(
            f"It begins with {token.prefix}…. Programs that use it are refused from then on.",
            "Create another one and give it to the program before that.",
        ),
        path=reverse("tokens"),
        facts={"token_name": token.name, "prefix": token.prefix, "expires_at": token.expires_at},
    )


def register() -> None:
    """Declare the kind."""
    register_kind(
        EventKind(
            name=TOKEN_ENDING,
            label="API token expires soon",
            help="14 and 3 days before one of your tokens expires.",
            group="Access",
            audience=_audience,
            words=_words,
            default=frozenset({NotificationWay.INBOX, NotificationWay.MAIL}),
            for_webhooks=False,
        )
    )
