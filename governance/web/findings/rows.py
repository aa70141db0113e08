"""A finding as a row of the inbox."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse

from governance.drift.explaining import NO_LOG_SOURCE, unexplained_words
from governance.inbox.models import InboxItem
from governance.inbox.selectors import ACTIONABLE
from governance.inbox.shown import ACCOUNTS_OUTSIDE, OUTSIDE, FindingsShown, VisibleFinding
from governance.web.findings.frame import SOURCE_ICONS
from governance.web.parts import ages
from governance.web.parts.people import name_of
from inventory.models import Connection
from inventory.viewing import Viewer

State = InboxItem.State
_PLACE_WORDS: Final = {"ROOT": "root", "ORGANIZATIONAL_UNIT": "OU", "POLICY": "policy"}
STATE_ICONS: Final = {
    State.OPEN: "circle",
    State.ASSIGNED: "user",
    State.SNOOZED: "zzz",
    State.EXCEPTED: "hourglass",
    State.RESOLVED: "circle-check",
}


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A finding in words.

    `target_is_hidden`: what it is about is not seen. `state_note`: who has it, until when; `who`:
    who did it. `is_who_known`: False: `who` says why that is not known. `has_more`: it concerns
    accounts that are not seen, too. `item` is the row itself, for exports.
    """

    item: InboxItem
    target_is_hidden: bool
    title: str
    has_more: bool
    href: str
    panel_href: str
    where: str
    accounts: int
    state_icon: str
    state_words: str
    state_note: str
    is_overdue: bool
    change_number: int | None
    who: str
    is_who_known: bool

    @property
    def pk(self) -> int:
        """The finding's number, for pages of the list."""
        return self.item.pk


def finding_rows(
    viewer: Viewer, items: Iterable[InboxItem], *, connection: Connection, now: datetime
) -> Sequence[InboxRow]:
    """Return findings as rows."""
    found = list(items)
    unexplained = unexplained_words(connection) if found else ""
    shown = FindingsShown(viewer, connection)
    return [_row(shown.of(item), item, connection.slug, now, unexplained) for item in found]


def _row(
    shown: VisibleFinding, item: InboxItem, slug: str, now: datetime, unexplained: str
) -> InboxRow:
    named = {"slug": slug, "item_id": item.pk}
    return InboxRow(
        item=item,
        target_is_hidden=shown.target_is_hidden,
        title=shown.title,
        has_more=shown.has_more,
        href=reverse("finding-item", kwargs=named),
        panel_href=reverse("finding-panel", kwargs=named),
        where=f"{item.get_source_display()} · {place_words(item, shown)}"
        + (f" {ACCOUNTS_OUTSIDE}" if shown.has_more and not shown.target_is_hidden else ""),
        accounts=shown.accounts,
        state_icon=STATE_ICONS[State(item.state)],
        state_words=item.get_state_display(),
        state_note=state_note(item),
        is_overdue=is_overdue(item, now),
        change_number=item.detail.get("change_number"),
        who=OUTSIDE.capitalize()
        if shown.caller_is_hidden
        else str(item.detail.get("who") or unexplained_of(item, unexplained)),
        is_who_known=bool(item.detail.get("who")),
    )


def unexplained_of(item: InboxItem, unexplained: str) -> str:
    """Say why it is not known who did it: logs are asked for drift and detections alone."""
    searched = item.source in (InboxItem.Source.DRIFT, InboxItem.Source.DETECTION)
    return unexplained if searched or unexplained == NO_LOG_SOURCE else "Not looked up"


def is_overdue(item: InboxItem, now: datetime) -> bool:
    """Return whether a finding should have been put right by now."""
    return item.due_at is not None and item.due_at < now and item.state in ACTIONABLE


def place_words(item: InboxItem, shown: VisibleFinding) -> str:
    """Say where a finding is: `OU Prod`, `payments, deploy`."""
    if shown.target_is_hidden:
        return f"an account {OUTSIDE}"
    name = item.target_name or item.account_id or item.target_id
    if item.target_kind in _PLACE_WORDS:
        return f"{_PLACE_WORDS[item.target_kind]} {name}"
    if item.target_kind in ("ROLE", "RESOURCE") and item.target_id.startswith("arn:"):
        return f"{name}, {item.target_id.rsplit(':', 1)[-1].rsplit('/', 1)[-1]}"
    return name


def state_note(item: InboxItem) -> str:
    """Say who has a finding, or until when it rests."""
    if item.state == State.SNOOZED and item.snoozed_until:
        return f"until {ages.day(item.snoozed_until)}"
    if item.state == State.EXCEPTED and item.excepted_until:
        return f"until {ages.day(item.excepted_until)}"
    if item.state == State.RESOLVED and item.resolved_at:
        return ages.day(item.resolved_at)
    if item.assignee is not None:
        return name_of(item.assignee)
    return "Unassigned" if item.state == State.OPEN else ""


def icon_of(item: InboxItem) -> str:
    """Return the icon of the source of a finding."""
    return SOURCE_ICONS[InboxItem.Source(item.source)]
