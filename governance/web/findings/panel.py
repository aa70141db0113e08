"""What the panel and the page of a finding show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from governance.access import rights
from governance.inbox.acting_rules import why_not_act
from governance.inbox.models import InboxEvent, InboxItem
from governance.inbox.selectors import item_events
from governance.inbox.shown import FindingsShown
from governance.web.findings.evidence import evidence_of
from governance.web.findings.frame import FindingScreen
from governance.web.findings.rows import icon_of, is_overdue, place_words, state_note
from governance.web.parts import ages
from governance.web.parts.people import name_of

What = InboxEvent.What
_EVENTS_SHOWN: Final = 30
_EVENT_ICONS: Final = {
    What.FOUND: "plus",
    What.REOPENED: "refresh",
    What.RESOLVED: "check",
    What.UNVERIFIED: "question-mark",
    What.VERIFIED: "check",
    What.SEVERITY: "alert-triangle",
    What.ASSIGNED: "user",
    What.SNOOZED: "zzz",
    What.EXCEPTED: "hourglass",
    What.MUTED: "bell-off",
    What.RETURNED: "refresh",
    What.COMMENT: "message",
    What.EXPORTED: "send",
}
_ACTS: Final = (
    ("adopt", "Adopt…"),
    ("ignore", "Ignore…"),
    ("assign", "Assign…"),
    ("snooze", "Snooze…"),
    ("mute", "Mute…"),
    ("return", "Open again"),
    ("export", "Send to a ticket…"),
)


@dataclass(frozen=True, slots=True)
class EventLine:
    """One thing that happened. `who`: empty: Orgwarden found it."""

    icon: str
    words: str
    note: str
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class ActLink:
    """Something that can be done with the finding."""

    act: str
    label: str
    href: str


def finding_panel(page: FindingScreen, item: InboxItem) -> dict[str, Any]:
    """Return what the panel shows of a finding."""
    slug = page.connection.slug
    shown = FindingsShown(page.viewer, page.connection).of(item)
    evidence = evidence_of(page, item, shown)
    events = list(item_events(item)[: _EVENTS_SHOWN + 1])
    return {
        "item": item,
        "icon": icon_of(item),
        "title": shown.title,
        "has_more": shown.has_more,
        "where": place_words(item, shown),
        "place_href": "" if shown.target_is_hidden else place_href(item, slug),
        "accounts": shown.accounts,
        "state_note": state_note(item),
        "is_overdue": is_overdue(item, page.now),
        "remedy": item.detail.get("remedy", ""),
        "acts": act_links(page, item),
        "events": [_event_line(one) for one in events[:_EVENTS_SHOWN]],
        "more_events": len(events) > _EVENTS_SHOWN,
        "page_href": reverse("finding-item", kwargs={"slug": slug, "item_id": item.pk}),
        "comment_href": reverse("finding-item", kwargs={"slug": slug, "item_id": item.pk}),
        **evidence,
    }


def act_links(page: FindingScreen, item: InboxItem) -> list[ActLink]:
    """Return what this person can do with a finding."""
    if not page.may(rights.WORK_ON_FINDINGS, None):
        return []
    base = reverse("finding-act", kwargs={"slug": page.connection.slug})
    resolves = page.may(rights.RESOLVE_DRIFT, None)
    return [
        ActLink(act, label, f"{base}?{urlencode([('act', act), ('item', str(item.pk))])}")
        for act, label in _ACTS
        if not why_not_act(item, act) and (resolves or act not in ("adopt", "ignore"))
    ]


def place_href(item: InboxItem, slug: str) -> str:
    """Return the address of what a finding is about; empty where it has no page."""
    routes: Mapping[str, tuple[str, dict[str, str]]] = {
        "ROOT": ("organization", {}),
        "ORGANIZATIONAL_UNIT": ("organizational-unit", {"target_id": item.target_id}),
        "ACCOUNT": ("account", {"account_id": item.target_id}),
        "POLICY": ("policy", {"policy_id": item.target_id}),
        "ROLE": ("principal", {"arn": item.target_id}),
        "RESOURCE": ("account", {"account_id": item.account_id}),
    }
    known = routes.get(item.target_kind.upper())
    if known is None:
        return ""
    try:
        return reverse(known[0], kwargs={"slug": slug, **known[1]})
    except NoReverseMatch:
        return ""


def _event_line(event: InboxEvent) -> EventLine:
    detail, note = event.detail, event.text
    words = str(What(event.what).label)
    if event.what == What.ASSIGNED:
        words = f"Assigned to {detail['to']}" if detail.get("to") else "Assigned to nobody"
    elif event.what == What.SEVERITY:
        words = f"Severity {detail.get('was')} → {detail.get('severity')}"
    elif event.what == What.EXPORTED:
        words = "Sent to the webhooks" if detail.get("way") == "webhook" else "Sent by mail"
    elif detail.get("until"):
        words = f"{words} until {ages.day(datetime.fromisoformat(detail['until']).date())}"
    return EventLine(
        icon=_EVENT_ICONS[What(event.what)],
        words=words,
        note=note,
        at=event.at,
        who=name_of(event.actor) if event.actor else "",
    )
