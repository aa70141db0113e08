"""Findings as tickets: what webhooks and mails say of a selection."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import User
from django.urls import reverse

from governance.inbox.models import InboxItem
from governance.inbox.shown import OUTSIDE, VisibleFinding, shown_findings
from governance.notifications.kinds import EventKind, Wording, register_kind
from governance.notifications.models import NotificationWay, OutboxEvent
from governance.notifications.outbox import event_publish
from governance.notifications.people import people_by_id
from inventory.models import Connection
from inventory.viewing import Viewer, visible

TICKETS: Final = "findings.ticket"
MAILED: Final = "findings.mailed"
GROUP: Final = "Findings"
# So many findings fit into what one receiver takes at once.
_AT_ONCE: Final = 50


def publish_tickets(
    connection: Connection, item_ids: Sequence[int], *, actor: User, now: datetime
) -> None:
    """Tell the webhooks of findings, some at a time, in the caller's transaction."""
    _publish(TICKETS, connection, item_ids, actor, now)


def publish_mail(
    connection: Connection, item_ids: Sequence[int], *, to: User, now: datetime
) -> None:
    """Mail findings to a person, some at a time, in the caller's transaction."""
    _publish(MAILED, connection, item_ids, to, now)


def _publish(
    kind: str, connection: Connection, item_ids: Sequence[int], user: User, now: datetime
) -> None:
    publish_items(kind, connection, item_ids, now=now, user_id=user.pk)


def publish_items(
    kind: str, connection: Connection, item_ids: Sequence[int], *, now: datetime, **subject: Any
) -> None:
    """Write events about findings, some at a time. `subject`: what else the events hold."""
    for start in range(0, len(item_ids), _AT_ONCE):
        event_publish(
            kind=kind,
            connection_id=connection.pk,
            subject={"item_ids": list(item_ids[start : start + _AT_ONCE]), **subject},
            now=now,
        )


def items_of_event(event: OutboxEvent, viewer: Viewer) -> list[InboxItem]:
    """Return the findings of an event that somebody sees, the worst first."""
    rows = (
        visible(InboxItem.objects.all(), viewer)
        .select_related("connection")
        .filter(connection_id=event.connection_id or 0, pk__in=event.subject["item_ids"])
    )
    return list(rows.order_by("severity_rank", "first_seen_at", "pk"))


def ticket_facts(item: InboxItem, shown: VisibleFinding) -> dict[str, Any]:
    """Return a finding as a ticket system takes it. What lies in hidden accounts is null."""
    hidden = shown.target_is_hidden
    return {
        "id": item.pk,
        "source": item.source,
        "kind": item.kind,
        "severity": item.severity,
        "title": shown.title,
        "state": item.state,
        "account_id": None if hidden else item.account_id or None,
        "accounts": shown.accounts,
        "accounts_outside": shown.has_more,
        "target_kind": item.target_kind,
        "target_id": None if hidden else item.target_id,
        "target_name": None if hidden else item.target_name or None,
        "environment": item.environment or None,
        "verified": item.verified,
        "first_seen_at": item.first_seen_at.isoformat(),
        "due_at": item.due_at.isoformat() if item.due_at else None,
        "remedy": item.detail.get("remedy") or None,
    }


def _words(event: OutboxEvent, viewer: Viewer) -> Wording | None:
    items = items_of_event(event, viewer)
    if not items:
        return None
    slug = items[0].connection.slug
    shown = shown_findings(items, viewer)
    lines = [
        f"{item.get_severity_display()}: {shown[item.pk].title} "
        f"({item.get_source_display()}, "
        f"{OUTSIDE if shown[item.pk].target_is_hidden else item.target_name or item.target_id})"
        for item in items
    ]
    if len(items) == 1:
        path = reverse("finding-item", kwargs={"slug": slug, "item_id": items[0].pk})
    else:
        path = reverse("findings", kwargs={"slug": slug})
    title = shown[items[0].pk].title if len(items) == 1 else f"{len(items)} findings"
    return Wording(
        title=f"{title} ({items[0].connection.name})",
        lines=tuple(lines),
        path=path,
        facts={"findings": [ticket_facts(item, shown[item.pk]) for item in items]},
    )


def _asker(event: OutboxEvent) -> Iterable[User]:
    return people_by_id([event.subject["user_id"]])


def _nobody(_event: OutboxEvent) -> Iterable[User]:
    return []


def register() -> None:
    """Declare the kinds."""
    register_kind(
        EventKind(
            name=TICKETS,
            label="Findings for tickets",
            help="Someone sent findings to the webhooks, for tickets to be made of them.",
            group=GROUP,
            audience=_nobody,
            words=_words,
            default=frozenset(),
        )
    )
    register_kind(
        EventKind(
            name=MAILED,
            label="Findings that you mailed yourself",
            help="A selection of findings that you asked to have by mail.",
            group=GROUP,
            audience=_asker,
            words=_words,
            default=frozenset({NotificationWay.MAIL}),
            for_webhooks=False,
        )
    )
