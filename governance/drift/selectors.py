"""Reads of drift: the list, one item with its history, ignore rules."""

from collections.abc import Collection, Sequence
from typing import Final

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from governance.access.owners.targets import target_tree
from governance.drift.models import DriftEvent, DriftItem, DriftReading, IgnoreRule
from inventory.models import Connection
from inventory.viewing import Viewer, visible

Severity = DriftItem.DriftSeverity
State = DriftItem.State
SEVERITY_RANK: Final = {severity: rank for rank, severity in enumerate(Severity)}


def drift_items(
    viewer: Viewer,
    *,
    connection: Connection,
    states: Collection[str] = (),
    kinds: Collection[str] = (),
    severities: Collection[str] = (),
    effects: Collection[str] = (),
    within: str = "",
    account_id: str = "",
    words: str = "",
    verified: bool | None = None,
) -> "QuerySet[DriftItem]":
    """Return the items that a viewer may see, the worst first, each with `severity_rank`.

    `within`: an OU or account: what lies in it. `words`: in the name or id of what it is about.
    """
    rows = visible(DriftItem.objects.all(), viewer).filter(connection=connection)
    for name, chosen in (
        ("state", states),
        ("kind", kinds),
        ("severity", severities),
        ("effect", effects),
    ):
        if chosen:
            rows = rows.filter(**{f"{name}__in": chosen})
    if verified is not None:
        rows = rows.filter(verified=verified)
    if account_id:
        rows = rows.filter(account_id=account_id)
    if within:
        below = [one.target_id for one in target_tree(connection).below(within)]
        rows = rows.filter(place_id__in=below)
    if words:
        rows = rows.filter(
            Q(target_name__icontains=words.strip()) | Q(target_id__icontains=words.strip())
        )
    return rows.annotate(
        severity_rank=Case(
            *(When(severity=name, then=Value(rank)) for name, rank in SEVERITY_RANK.items()),
            default=Value(len(SEVERITY_RANK)),
            output_field=IntegerField(),
        )
    ).order_by("severity_rank", "-first_seen_at", "-pk")


def drift_find(viewer: Viewer, *, connection: Connection, item_id: int) -> DriftItem | None:
    """Return one item, None where the viewer sees none of that id."""
    return drift_items(viewer, connection=connection).filter(pk=item_id).first()


def drift_events(item: DriftItem) -> "QuerySet[DriftEvent]":
    """Return what happened to an item, the oldest first."""
    return item.events.select_related("actor").order_by("at", "pk")


def drift_counts(
    viewer: Viewer, *, connection: Connection, states: Sequence[str] = (State.OPEN,)
) -> dict[str, int]:
    """Return how many items a viewer may see, by severity."""
    rows = visible(DriftItem.objects.all(), viewer).filter(connection=connection, state__in=states)
    return dict(
        rows.order_by().values("severity").annotate(n=Count("pk")).values_list("severity", "n")
    )


def drift_reading(connection: Connection) -> DriftReading | None:
    """Return up to where drift is known, None: it was never looked for."""
    return DriftReading.objects.filter(connection=connection).first()


def ignore_rules(
    viewer: Viewer, *, connection: Connection, ended: bool | None = None
) -> "QuerySet[IgnoreRule]":
    """Return the ignore rules that a viewer may see, the latest first."""
    rows = visible(IgnoreRule.objects.all(), viewer).filter(connection=connection)
    if ended is not None:
        rows = rows.filter(ended_at__isnull=not ended)
    return rows.select_related("made_by").order_by("-number")
