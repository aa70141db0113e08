"""Reads of agreements: those that a viewer may see, one by its number, how many by state."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from django.db.models import Count, Q, QuerySet

from governance.approvals.agreements.changing import State
from governance.approvals.agreements.kinds import AgreementKind, AnAgreement
from inventory.models import Connection
from inventory.viewing import Viewer, targets_seen, visible
from inventory.visible_targets import VisibleTargets

_HIGHEST_NUMBER: Final = 2**31 - 1


def agreements(
    kind: AgreementKind[AnAgreement],
    viewer: Viewer,
    *,
    connection: Connection,
    states: Collection[str] = (),
    target_id: str = "",
    waiting_for_id: int | None = None,
    ends_within_days: int | None = None,
    today: date | None = None,
) -> "QuerySet[AnAgreement]":
    """Return the agreements of a kind that a viewer may see.

    `ends_within_days`: active ones whose last day is that near, counted from `today`.
    """
    rows = visible(kind.model._default_manager.all(), viewer).filter(connection=connection)
    if states:
        rows = rows.filter(state__in=states)
    if target_id:
        rows = rows.filter(about_target(target_id, viewer, connection))
    if waiting_for_id is not None:
        rows = rows.filter(waiting_for__contains=[waiting_for_id])
    if ends_within_days is not None and today is not None:
        rows = rows.filter(state=State.ACTIVE, until__lte=today + timedelta(days=ends_within_days))
    return rows


def about_target(target_id: str, viewer: Viewer, connection: Connection) -> Q:
    """Return the condition on agreements about one target; nothing is where that is hidden."""
    if not targets_seen(viewer, connection).holds_by_name(target_id):
        return Q(pk__in=[])
    return Q(target_ids__contains=[target_id])


def numbered(rows: "QuerySet[AnAgreement]", number: int) -> AnAgreement | None:
    """Return the one of some agreements that has a number, None where none has."""
    if number > _HIGHEST_NUMBER:
        return None
    return rows.filter(number=number).first()


def with_number(words: str, prefix: str) -> Q:
    """Return the condition on agreements whose number words are, with its prefix or without."""
    number = words.upper().removeprefix(prefix)
    return Q(number=int(number)) if number.isdecimal() and len(number) < 10 else Q(pk__in=())


def agreement_counts(
    kind: AgreementKind[AnAgreement], viewer: Viewer, *, connection: Connection
) -> dict[str, int]:
    """Return how many agreements of a kind there are that a viewer may see, by state."""
    rows = agreements(kind, viewer, connection=connection).order_by()
    return dict(rows.values("state").annotate(n=Count("pk")).values_list("state", "n"))


def about_targets(targets: VisibleTargets, viewer: Viewer, *people: str) -> Q:
    """Return the condition on agreements about what may be seen, or about an OU that it lies in.

    People also see those that name them in a column of `people` and those that wait for them; a
    token that is limited to places does not.
    """
    seen = Q(target_ids__overlap=[*targets.account_ids, *targets.unit_ids, *targets.ancestor_ids])
    if viewer.token_places is None:
        for column in people:
            seen |= Q(**{column: viewer.person_id})
        seen |= Q(waiting_for__contains=[viewer.person_id])
    return seen
