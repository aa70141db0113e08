"""A prefilled change request that brings back what was agreed."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from governance.access.owners.acting import ActingPerson
from governance.changes.life.content import LONGEST_REASON, LONGEST_TITLE, ChangeContent
from governance.changes.life.drafting import change_create
from governance.changes.models import ChangeRequest
from governance.drift.explaining import explanation_words
from governance.drift.models import DriftItem
from governance.drift.putting_back import putting_back
from governance.drift.resolving import drift_noted, resolvable_items
from inventory.models import Connection

_MOST_LISTED: Final = 40


@transaction.atomic
def change_restore(
    *,
    by: ActingPerson,
    connection: Connection,
    item_ids: Collection[int],
    title: str = "",
    reason: str = "",
    now: datetime,
) -> ChangeRequest:
    """Make a draft that brings the desired side of some drift back; it goes the usual way.

    The drift stays open until a run sees it as agreed.

    :raises CannotResolve: no edit brings some of it back, or it is resolved or gone.
    :raises ContentInvalid: the title or reason does not have its form.
    :raises MayNot: whoever acts may not resolve drift, or propose changes, where it lies.
    """
    items = resolvable_items(by, connection, item_ids)
    operations = putting_back(connection, items)
    content = ChangeContent(
        title=(title.strip() or _title(items))[:LONGEST_TITLE],
        reason=_reason(items, reason)[:LONGEST_REASON],
        operations=tuple(one.as_json() for one in operations),
    )
    made = change_create(by=by, connection=connection, content=content, now=now)
    drift_noted(items, by=by, how="revert", reason=f"change request #{made.number}", now=now)
    return made


def _title(items: Sequence[DriftItem]) -> str:
    if len(items) == 1:
        return f"Revert drift: {items[0]}"
    return f"Revert {len(items)} drifts from the baseline"


def _reason(items: Sequence[DriftItem], reason: str) -> str:
    lines = [reason.strip(), ""] if reason.strip() else []
    lines.append("Brings back what the baseline says:")
    for item in items[:_MOST_LISTED]:
        seen = item.first_seen_at.strftime("%d %b %Y %H:%M UTC")
        lines.append(
            f"- {item} ({item.get_effect_display().lower()}, {item.accounts} accounts; first seen "
            f"{seen}; by: {explanation_words(item)})"
        )
    if len(items) > _MOST_LISTED:
        lines.append(f"- and {len(items) - _MOST_LISTED} more")
    return "\n".join(lines)
