"""Who hears of detections: people who see them and the webhooks, of the worst ones at once.

What is muted or snoozed is no news: only items are sent that are new, or found again after they
were resolved.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.urls import reverse

from governance.access import rights
from governance.inbox.models import InboxItem
from governance.inbox.shown import OUTSIDE, VisibleFinding, shown_findings
from governance.inbox.signals import items_found
from governance.inbox.tickets import GROUP, items_of_event, publish_items, ticket_facts
from governance.notifications.kinds import EventKind, Wording, register_kind
from governance.notifications.models import NotificationWay, OutboxEvent
from inventory.models import Connection
from inventory.viewing import Viewer

URGENT: Final = "detections.urgent"
FOUND: Final = "detections.found"
_URGENT_SEVERITIES: Final = frozenset({"critical", "high"})
_OPEN: Final = frozenset({InboxItem.State.OPEN, InboxItem.State.ASSIGNED})


def publish_found(
    *,
    connection: Connection,
    source: str,
    items: Sequence[InboxItem],
    now: datetime,
    **_: Any,
) -> None:
    """Write events for the detections among what the inbox found again."""
    if source != InboxItem.Source.DETECTION:
        return
    found = [item for item in items if item.state in _OPEN]
    for kind, chosen in (
        (URGENT, [one.pk for one in found if one.severity in _URGENT_SEVERITIES]),
        (FOUND, [one.pk for one in found if one.severity not in _URGENT_SEVERITIES]),
    ):
        publish_items(kind, connection, chosen, now=now)


def _words(event: OutboxEvent, viewer: Viewer) -> Wording | None:
    items = items_of_event(event, viewer)
    if not items:
        return None
    first = items[0]
    shown = shown_findings(items, viewer)
    slug = first.connection.slug
    if len(items) == 1:
        title = f"{first.get_severity_display()}: {shown[first.pk].title}"
        path = reverse("finding-item", kwargs={"slug": slug, "item_id": first.pk})
    else:
        title = f"{len(items)} detections, the worst {first.get_severity_display().lower()}"
        path = reverse("findings", kwargs={"slug": slug}) + "?source=detection"
    return Wording(
        title=f"{title} ({first.connection.name})",
        lines=tuple(
            f"{one.get_severity_display()}: {shown[one.pk].title}, by {_caller(one, shown[one.pk])}"
            for one in items
        ),
        path=path,
        facts={"detections": [ticket_facts(one, shown[one.pk]) for one in items]},
    )


def _caller(item: InboxItem, shown: VisibleFinding) -> str:
    if shown.caller_is_hidden:
        return f"someone {OUTSIDE}"
    return item.detail.get("principal") or "?"


def register() -> None:
    """Declare the kinds, and follow what the inbox finds."""
    register_kind(
        EventKind(
            name=URGENT,
            label="Detections, critical and high",
            help="A rule found something in CloudTrail that someone should look at now.",
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
