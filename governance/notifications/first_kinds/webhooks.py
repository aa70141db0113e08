"""A webhook that was switched off because nothing was taken for days."""

from django.urls import reverse

from governance.access import rights
from governance.notifications.kinds import EventKind, Wording, register_kind
from governance.notifications.models import NotificationWay, OutboxEvent
from governance.notifications.webhooks.sending import SWITCHED_OFF_KIND
from inventory.viewing import Viewer


def _words(event: OutboxEvent, viewer: Viewer) -> Wording | None:
    webhook_id, name = event.subject["webhook_id"], event.subject["name"]
    return Wording(
        title=f"The webhook {name} was switched off",
        lines=(
            f"{event.subject['because'][:1].upper()}{event.subject['because'][1:]}.",
            "Queued deliveries wait until it is switched on again.",
        ),
        path=reverse("webhook", kwargs={"webhook_id": webhook_id}),
        facts={"webhook_id": webhook_id, "webhook_name": name},
    )


def register() -> None:
    """Declare the kind."""
    register_kind(
        EventKind(
            name=SWITCHED_OFF_KIND,
            label="Webhook switched off",
            help="No delivery succeeded for days, so Orgwarden stopped calling it.",
            group="Webhooks",
            audience=rights.MANAGE_WEBHOOKS,
            words=_words,
            default=frozenset({NotificationWay.INBOX, NotificationWay.MAIL}),
        )
    )
