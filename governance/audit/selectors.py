"""Reads the audit log for people: the entries they may see, and how the log stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from governance.audit.models import (
    AuditCheckpoint,
    AuditEntry,
    AuditLeaf,
    AuditVerification,
    CheckpointDelivery,
    EventStream,
    UnsealedEntry,
)
from inventory.viewing import Viewer, at_visible_places

_CHECKPOINT_LATE: Final = timedelta(minutes=75)
_SEALING_LATE: Final = timedelta(minutes=5)


def audit_entries(viewer: Viewer) -> "QuerySet[AuditEntry]":
    """Return the entries that lie in the places of `viewer`, with their places in the tree.

    `viewer`: what somebody may see by the right to read the audit log. Who holds it in some
    organizations or parts of them sees what was done to those, and nothing of people and settings.
    """
    rows = AuditEntry.objects.select_related("leaf")
    seen = at_visible_places(viewer)
    return rows if seen is None else rows.filter(seen)


def object_entries(
    viewer: Viewer, *, object_kind: str, object_id: str, connection_id: int | None = None
) -> "QuerySet[AuditEntry]":
    """Return what was done to one object, the latest first.

    `connection_id`: the organization that the object is in. Numbers of requests and versions of
    settings begin again in each.
    """
    rows = audit_entries(viewer).filter(object_kind=object_kind, object_id=object_id)
    return rows if connection_id is None else rows.filter(connection_id=connection_id)


@dataclass(frozen=True, slots=True)
class LogState:
    """How the log stands. `problems`: what is wrong with it, in words; empty: nothing known.

    `verification`: of the last time that the whole log was verified, None: never.
    """

    unsealed: int
    checkpoint: AuditCheckpoint | None
    covered: int
    sealed: int
    verification: AuditVerification | None
    deliveries: tuple[CheckpointDelivery, ...]
    streams: tuple[EventStream, ...]
    problems: tuple[str, ...]


def log_state(*, now: datetime) -> LogState:
    """Return how far the log is sealed, signed, brought outside and verified."""
    unsealed = UnsealedEntry.objects.count()
    checkpoint = AuditCheckpoint.objects.order_by("-number").first()
    verification = AuditVerification.objects.order_by("-pk").first()
    deliveries = tuple(CheckpointDelivery.objects.order_by("destination"))
    streams = tuple(EventStream.objects.order_by("destination"))
    last = AuditLeaf.objects.order_by("-position").first()
    problems = []
    late = UnsealedEntry.objects.filter(entry__recorded_at__lt=now - _SEALING_LATE)
    if unsealed and late.exists():
        problems.append(
            "Entries wait for more than five minutes to be sealed: check that the worker of the "
            "queue audit runs."
        )
    if last is not None and _signed_at(checkpoint) < now - _CHECKPOINT_LATE:
        problems.append(
            "No checkpoint was signed for more than an hour: check that the worker of the queue "
            "audit runs and has its key."
        )
    problems += [f"{one.destination.capitalize()}: {one.error}" for one in deliveries if one.error]
    problems += [f"SIEM {one.destination}: {one.error}" for one in streams if one.error]
    return LogState(
        unsealed=unsealed,
        checkpoint=checkpoint,
        covered=0 if checkpoint is None else checkpoint.tree_size,
        sealed=0 if last is None else last.position + 1,
        verification=verification,
        deliveries=deliveries,
        streams=streams,
        problems=tuple(problems),
    )


def _signed_at(checkpoint: AuditCheckpoint | None) -> datetime:
    """Return when the log was last signed; before the first time, when its first entry was made."""
    if checkpoint is not None:
        return checkpoint.made_at
    return AuditEntry.objects.order_by("pk").values_list("recorded_at", flat=True)[0]
