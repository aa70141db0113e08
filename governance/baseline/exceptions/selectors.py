"""Reads of exceptions: the list, one of them, those never needed."""

from collections.abc import Collection
from datetime import date

from django.db.models import Count, Q, QuerySet

from governance.access.owners.targets import target_tree
from governance.approvals.agreements.changing import State
from governance.approvals.agreements.selectors import agreements, numbered, with_number
from governance.baseline.exceptions.kind import EXCEPTION
from governance.baseline.exceptions.models import GuardrailException
from inventory.models import Connection
from inventory.viewing import Viewer, targets_seen


def exceptions(
    viewer: Viewer,
    *,
    connection: Connection,
    states: Collection[str] = (),
    guardrail_id: str = "",
    words: str = "",
    target_id: str = "",
    owner_id: int | None = None,
    waiting_for_id: int | None = None,
    ends_within_days: int | None = None,
    never_used: bool = False,
    today: date | None = None,
) -> "QuerySet[GuardrailException]":
    """Return the exceptions that a viewer may see, the latest first, each with `use_count`.

    `words`: in the reason or the guardrail's id; `E-4` finds that one. `ends_within_days`: active
    ones whose last day is that near, counted from `today`. `never_used`: approved ones of which
    the guardrail was never seen failing.
    """
    rows = agreements(
        EXCEPTION,
        viewer,
        connection=connection,
        states=states,
        target_id=target_id,
        waiting_for_id=waiting_for_id,
        ends_within_days=ends_within_days,
        today=today,
    )
    if guardrail_id:
        rows = rows.filter(guardrail_id=guardrail_id)
    if owner_id is not None:
        rows = rows.filter(owner_id=owner_id)
    if never_used:
        rows = rows.filter(state__in=[State.ACTIVE, State.ENDED], used_at__isnull=True)
    if words:
        rows = rows.filter(_with_words(words.strip()))
    return (
        rows.select_related("asked_by", "owner", "connection")
        .annotate(use_count=Count("uses"))
        .order_by("-number")
    )


def _with_words(words: str) -> Q:
    found = Q(reason__icontains=words) | Q(guardrail_id__icontains=words)
    return found | Q(mitigation__icontains=words) | with_number(words, "E-")


def exception_find(
    viewer: Viewer, *, connection: Connection, number: int
) -> GuardrailException | None:
    """Return one exception, None where the viewer sees none of that number."""
    return numbered(exceptions(viewer, connection=connection), number)


def shown_targets(viewer: Viewer, exception: GuardrailException) -> tuple[dict[str, str], int]:
    """Return the targets that a viewer may see, name by id, and how many there are elsewhere."""
    tree = target_tree(exception.connection)
    seen = targets_seen(viewer, exception.connection)
    names = {
        one: tree.by_id[one].name if one in tree.by_id else one
        for one in exception.target_ids
        if seen.holds_wholly(one) or one in seen.ancestor_ids
    }
    return names, len(exception.target_ids) - len(names)


def days_left(exception: GuardrailException, *, today: date) -> int:
    """Return how many days it holds yet, the last one included; 0: it is over."""
    return max(0, (exception.until - today).days + 1)
