"""Reads of detections: the list, one with its evidence, counts by rule."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet

from governance.detections.models import Detection, DetectionEvidence
from inventory.models import Connection
from inventory.viewing import Viewer, sees_whole, targets_seen, visible


@dataclass(frozen=True, slots=True)
class RuleDetections:
    """How often a rule found something. `open`: not closed; `last_at`: of the newest event."""

    open: int
    total: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class VisibleEvidence:
    """The evidence that a viewer may see. `hidden`: how much is in accounts that they do not."""

    rows: tuple[DetectionEvidence, ...]
    hidden: int


def detections(
    viewer: Viewer,
    *,
    connection: Connection,
    rules: Collection[str] = (),
    severities: Collection[str] = (),
    topics: Collection[str] = (),
    open_only: bool | None = None,
    account_id: str = "",
    principal: str = "",
    since: datetime | None = None,
) -> "QuerySet[Detection]":
    """Return the detections that a viewer may see, the newest first.

    `open_only`: True: not closed; False: closed. `account_id`: it happened there or is about it.
    """
    rows = visible(Detection.objects.all(), viewer).filter(
        connection=connection, raised_at__isnull=False
    )
    for name, chosen in (("rule_id", rules), ("severity", severities), ("topic", topics)):
        if chosen:
            rows = rows.filter(**{f"{name}__in": chosen})
    if open_only is not None:
        rows = rows.filter(closed_at__isnull=open_only)
    if account_id:
        rows = rows.filter(at_account(account_id, viewer, connection))
    if principal:
        rows = rows.filter(by_principal(principal, viewer, connection))
    if since is not None:
        rows = rows.filter(last_at__gte=since)
    return rows.select_related("closed_by").order_by("-last_at", "-pk")


def at_account(account_id: str, viewer: Viewer, connection: Connection) -> Q:
    """Return the condition on what happened in an account, or is about it; none if it is hidden."""
    if not targets_seen(viewer, connection).holds_account(account_id):
        return Q(pk__in=[])
    return Q(account_id=account_id) | Q(subject_account_id=account_id)


def by_principal(principal: str, viewer: Viewer, connection: Connection) -> Q:
    """Return the condition on what a principal did, where whoever looks is told who did it."""
    found = Q(principal=principal)
    if not sees_whole(viewer, connection):
        found &= Q(account_id__any_of=["", *targets_seen(viewer, connection).account_ids])
    return found


def with_words(words: str, viewer: Viewer, connection: Connection) -> Q:
    """Return the condition on detections that have words in title, subject or principal.

    Who sees a part finds nothing by a subject or principal that is hidden.
    """
    about, by = Q(subject_id__icontains=words), Q(principal__icontains=words)
    if not sees_whole(viewer, connection):
        seen = ["", *targets_seen(viewer, connection).account_ids]
        about &= Q(subject_account_id__any_of=seen)
        by &= Q(account_id__any_of=seen)
    return Q(title__icontains=words) | about | by


def detection_find(
    viewer: Viewer, *, connection: Connection, detection_id: int
) -> Detection | None:
    """Return one detection; None: the viewer sees none of that number."""
    return detections(viewer, connection=connection).filter(pk=detection_id).first()


def visible_evidence(viewer: Viewer, detection: Detection, *, most: int = 200) -> VisibleEvidence:
    """Return the newest evidence of a detection that a viewer may see, the oldest of it first."""
    rows = detection.evidence.all()
    targets = targets_seen(viewer, detection.connection_id)
    if not (viewer.sees_everything or targets.everything):
        rows = rows.filter(account_id__in=targets.account_ids)
    found = list(rows.order_by("-at", "-pk")[:most])
    total = detection.evidence.count()
    return VisibleEvidence(tuple(reversed(found)), total - len(found))


def detections_by_rule(viewer: Viewer, *, connection: Connection) -> Mapping[str, RuleDetections]:
    """Return how often each rule found something, by its id; others are absent."""
    rows = detections(viewer, connection=connection).order_by().values("rule_id")
    counted = rows.annotate(
        total=Count("pk"),
        unclosed=Count("pk", filter=Q(closed_at__isnull=True)),
        newest=Max("last_at"),
    )
    return {
        row["rule_id"]: RuleDetections(row["unclosed"], row["total"], row["newest"])
        for row in counted
    }
