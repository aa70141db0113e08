"""Reads of exceptions: the list, one of them, those never needed."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet

from governance.baseline.exceptions.changing import State
from governance.baseline.exceptions.models import GuardrailException
from inventory.models import Connection
from inventory.viewing import Viewer, visible


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
    rows = visible(GuardrailException.objects.all(), viewer).filter(connection=connection)
    if states:
        rows = rows.filter(state__in=states)
    if guardrail_id:
        rows = rows.filter(guardrail_id=guardrail_id)
    if target_id:
        rows = rows.filter(target_ids__contains=[target_id])
    if owner_id is not None:
        rows = rows.filter(owner_id=owner_id)
    if waiting_for_id is not None:
        rows = rows.filter(waiting_for__contains=[waiting_for_id])
    if ends_within_days is not None and today is not None:
        rows = rows.filter(state=State.ACTIVE, until__lte=today + timedelta(days=ends_within_days))
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
    number = words.upper().removeprefix("E-")
    found = Q(reason__icontains=words) | Q(guardrail_id__icontains=words)
    found |= Q(mitigation__icontains=words)
    if number.isdecimal() and len(number) < 10:
        found |= Q(number=int(number))
    return found


def exception_find(
    viewer: Viewer, *, connection: Connection, number: int
) -> GuardrailException | None:
    """Return one exception, None where the viewer sees none of that number."""
    if number > 2**31 - 1:
        return None
    return exceptions(viewer, connection=connection).filter(number=number).first()


def exception_counts(viewer: Viewer, *, connection: Connection) -> dict[str, int]:
    """Return how many exceptions there are that a viewer may see, by state."""
    rows = visible(GuardrailException.objects.all(), viewer).filter(connection=connection)
    return dict(rows.order_by().values("state").annotate(n=Count("pk")).values_list("state", "n"))


def days_left(exception: GuardrailException, *, today: date) -> int:
    """Return how many days it holds yet, the last one included; 0: it is over."""
    return max(0, (exception.until - today).days + 1)
