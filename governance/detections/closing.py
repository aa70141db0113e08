"""Closing detections: what they turned out to be, said by a person, and in the audit log."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson, MayNot
from governance.access.owners.targets import target_tree
from governance.audit import actions
from governance.audit.services import audit_record
from governance.detections.models import Detection
from governance.detections.signals import detections_changed
from inventory.models import Connection
from inventory.viewing import Viewer, visible

LONGEST_REASON: Final = 500
MOST_AT_ONCE: Final = 500


class CannotCloseDetection(Exception):
    """A detection cannot be closed so; the message says why."""


class NoSuchDetection(CannotCloseDetection):
    """There is none of this number for this person."""


@transaction.atomic
def detections_close(
    *,
    by: ActingPerson,
    viewer: Viewer,
    connection: Connection,
    detection_ids: Collection[int],
    closed_as: str,
    reason: str,
    now: datetime,
) -> list[Detection]:
    """Close detections. One that is found again later is open again.

    `closed_as`: one of `Detection.DetectionClosing`.

    :raises NoSuchDetection: the person sees none of them.
    :raises MayNot: the right to work on findings is missing where one of them happened.
    :raises CannotCloseDetection: no reason, or all of them are closed.
    """
    reason = reason.strip()
    if closed_as not in Detection.DetectionClosing.values:
        known = ", ".join(Detection.DetectionClosing.values)
        raise CannotCloseDetection(f"say what it was: {known}")
    if not reason:
        raise CannotCloseDetection("say how you know")
    if len(detection_ids) > MOST_AT_ONCE:
        raise CannotCloseDetection(f"at most {MOST_AT_ONCE} detections at once")
    rows = visible(Detection.objects.all(), viewer).filter(
        connection=connection, pk__in=list(detection_ids), raised_at__isnull=False
    )
    found = list(rows.select_for_update(of=("self",)).order_by("pk"))
    if not found:
        raise NoSuchDetection("choose a detection that you may see")
    places = by.places(rights.WORK_ON_FINDINGS, connection)
    tree = target_tree(connection)
    closed = []
    for detection in found:
        place = detection.subject_account_id or detection.account_id
        if not (places.whole or (place and places.covers(tree, place))):
            raise MayNot(f"this needs the right {rights.WORK_ON_FINDINGS} where it happened")
        if detection.closed_at is not None:
            continue
        detection.closed_at, detection.closed_by = now, by.user
        detection.closed_as, detection.closed_for = closed_as, reason[:LONGEST_REASON]
        detection.updated_at = now
        closed.append(detection)
        audit_record(
            actor=by.actor,
            action=actions.DETECTION_CLOSE,
            object_kind="detection",
            object_id=str(detection.pk),
            object_name=str(detection)[:200],
            connection_id=connection.pk,
            target_id=place,
            after={"closed_as": closed_as, "reason": detection.closed_for},
            now=now,
        )
    if not closed:
        raise CannotCloseDetection("it is closed already")
    Detection.objects.bulk_update(
        closed, ["closed_at", "closed_by", "closed_as", "closed_for", "updated_at"]
    )
    detections_changed.send(sender=Detection, connection=connection)
    return closed
