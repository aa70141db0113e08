"""Who hears of detections: people who see them and the webhooks, of the worst ones at once.

What is muted or snoozed is no news: only items that are new, or found again after they were
resolved, are told of.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.urls import reverse

from governance.access import rights
from governance.inbox.models import InboxItem
from governance.inbox.signals import items_found
from governance.inbox.tickets import GROUP, ticket_facts
from governance.notifications.kinds import EventKind, Wording, register_kind
from governance.notifications.models import NotificationWay, OutboxEvent
from governance.notifications.outbox import event_publish
from inventory.models import Connection
from inventory.viewing import Viewer, visible

URGENT: Final = "detections.urgent"
FOUND: Final = "detections.found"
_URGENT_SEVERITIES: Final = frozenset({"critical", "high"})
_AT_ONCE: Final = 50
_OPEN: Final = frozenset({InboxItem.State.OPEN, InboxItem.State.ASSIGNED})


def publish_found(
    *,
    connection: Connection,
    source: str,
    items: Sequence[InboxItem],
    now: datetime,
    **_: Any,
) -> None:
    """Write events for the detections among what the inbox found anew."""
    if source != InboxItem.Source.DETECTION:
        return
    told = [item for item in items if item.state in _OPEN]
    for kind, chosen in (
        (URGENT, [one.pk for one in told if one.severity in _URGENT_SEVERITIES]),
        (FOUND, [one.pk for one in told if one.severity not in _URGENT_SEVERITIES]),
    ):
        for start in range(0, len(chosen), _AT_ONCE):
            event_publish(
                kind=kind,
                connection_id=connection.pk,
                subject={"item_ids": chosen[start : start + _AT_ONCE]},
                now=now,
            )


def _words(event: OutboxEvent, viewer: Viewer) -> Wording | None:
    rows = (
        visible(InboxItem.objects.all(), viewer)
        .select_related("connection")
        .filter(connection_id=event.connection_id or 0, pk__in=event.subject["item_ids"])
    )
    items = list(rows.order_by("severity_rank", "first_seen_at", "pk"))
    if not items:
        return None
    first = items[0]
    slug = first.connection.slug
    if len(items) == 1:
        title = f"{first.get_severity_display()}: {first.title}"
        path = reverse("finding-item", kwargs={"slug": slug, "item_id": first.pk})
    else:
        title = f"{len(items)} detections, the worst {first.get_severity_display().lower()}"
        path = reverse("findings", kwargs={"slug": slug}) + "?source=detection"
    return Wording(
        title=f"{title} ({first.connection.name})",
        lines=tuple(
            f"{one.get_severity_display()}: {one.title}, by {one.detail.get('principal') or '?'}"
            for one in items
        ),
        path=path,
        facts={"detections": [ticket_facts(one) for one in items]},
    )


def register() -> None:
    """Declare the kinds, and follow what the inbox finds."""
    register_kind(
        EventKind(
            name=URGENT,
            label="Detections, critical and high",
            help="A rule found something in CloudTrail that somebody should look at now.",
            group=GROUP,
            audience=rights.WORK_ON_FINDINGS,
            words=_words,
            default=frozenset({NotificationWay.INBOX, NotificationWay.MAIL}),
            urgent=True,
        )
    )
    register_kind(
        EventKind(
            name=FOUND,
            label="Detections, medium and low",
            help="A rule found something in CloudTrail that is worth a look.",
            group=GROUP,
            audience=rights.WORK_ON_FINDINGS,
            words=_words,
        )
    )
    items_found.connect(publish_found, dispatch_uid="inbox.detections")
