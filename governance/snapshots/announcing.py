"""Notify people of what changed from one run to the next, worded as the comparison is.

Each run that has ended is announced once for each kind: what began or ended in the span from the
start of the run before it to its own. So spans neither overlap nor leave anything out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from governance.access import rights
from governance.notifications.kinds import EventKind, Wording, register_kind
from governance.notifications.models import NotificationWay, OutboxEvent
from governance.notifications.outbox import event_publish
from governance.snapshots.comparing import compare_snapshots
from governance.snapshots.difference_text import difference_text
from governance.snapshots.differences import SnapshotDifference
from governance.snapshots.kinds import DifferenceGroup
from governance.snapshots.moments import run_moment
from inventory.models import InventoryRun
from inventory.selectors.connections import connections
from inventory.selectors.runs import runs
from inventory.signals import run_ended
from inventory.viewing import Viewer

_LINES: Final = 20
_FACTS: Final = 200


@dataclass(frozen=True, slots=True)
class ChangeKind:
    """A kind of events about what changed."""

    name: str
    label: str
    help: str
    plural: str
    groups: frozenset[DifferenceGroup]
    default: frozenset[NotificationWay]


_INBOX: Final = frozenset({NotificationWay.INBOX})
CHANGE_KINDS: Final = (
    ChangeKind(
        "account.changed",
        "Account changed",
        "An account was added, removed, moved, renamed or closed, or its tags changed.",
        "account changes",
        frozenset({DifferenceGroup.ACCOUNTS}),
        _INBOX,
    ),
    ChangeKind(
        "policy.changed",
        "Policy changed",
        "A policy was created, deleted or renamed, or its text, description or tags changed.",
        "policy changes",
        frozenset({DifferenceGroup.POLICIES}),
        _INBOX,
    ),
    ChangeKind(
        "attachment.changed",
        "Attachment changed",
        "A policy was attached to a root, OU or account, or detached.",
        "attachment changes",
        frozenset({DifferenceGroup.ATTACHMENTS}),
        _INBOX,
    ),
    ChangeKind(
        "organization.changed",
        "OU or organization changed",
        "An OU, a policy type, a delegated administrator, a trusted service or the resource "
        "policy changed.",
        "organization changes",
        frozenset({DifferenceGroup.ORGANIZATIONAL_UNITS, DifferenceGroup.ORGANIZATION}),
        _INBOX,
    ),
    ChangeKind(
        "resource.changed",
        "Resource changed",
        "A bucket was added or removed, or its policy or access settings changed.",
        "resource changes",
        frozenset({DifferenceGroup.RESOURCES}),
        frozenset(),
    ),
)


def publish_changes(*, run: InventoryRun, now: datetime, **_: Any) -> None:
    """Publish that a run has ended which may have seen changes, in the transaction that ends it."""
    if run.started_at is None or not (run.rows_opened or run.rows_closed):
        return
    before = (
        InventoryRun.objects.filter(connection_id=run.connection_id, started_at__lt=run.started_at)
        .order_by("-started_at")
        .first()
    )
    if before is None:
        return
    for kind in CHANGE_KINDS:
        event_publish(
            kind=kind.name,
            connection_id=run.connection_id,
            subject={"run_id": run.pk, "before_run_id": before.pk},
            now=now,
        )


def changes_told(
    event: OutboxEvent, viewer: Viewer, groups: frozenset[DifferenceGroup]
) -> tuple[InventoryRun, InventoryRun, list[SnapshotDifference]] | None:
    """Return both runs and what of some groups differs between them for a viewer; None: nothing."""
    connection = connections(viewer).filter(pk=event.connection_id or 0).first()
    if connection is None:
        return None
    asked = (event.subject["before_run_id"], event.subject["run_id"])
    found = {run.pk: run for run in runs(viewer, connection=connection).filter(pk__in=asked)}
    if len(found) < len(asked):
        return None
    before, after = (found[pk] for pk in asked)
    compared = compare_snapshots(
        viewer, connection=connection, before=run_moment(before), after=run_moment(after)
    )
    differences = [one for one in compared.found.differences if one.group in groups]
    return (before, after, differences) if differences else None


def _words(kind: ChangeKind) -> Callable[[OutboxEvent, Viewer], Wording | None]:
    def words(event: OutboxEvent, viewer: Viewer) -> Wording | None:
        told = changes_told(event, viewer, kind.groups)
        if told is None:
            return None
        before, after, differences = told
        connection = after.connection
        if len(differences) == 1:
            title = f"{difference_text(differences[0])} in {connection.name}"
        else:
            title = f"{len(differences):,} {kind.plural} in {connection.name}"
        query = urlencode({"before": before.pk, "after": after.pk})
        path = reverse("organization-compare", kwargs={"slug": connection.slug})
        return Wording(
            title=title,
            lines=_lines(differences, after),
            path=f"{path}?{query}",
            facts={
                "run_id": after.pk,
                "before_run_id": before.pk,
                "changes": len(differences),
                "differences": [_facts(one) for one in differences[:_FACTS]],
            },
        )

    return words


def _lines(differences: Sequence[SnapshotDifference], run: InventoryRun) -> tuple[str, ...]:
    seen = f"Seen by inventory run {run.pk}"
    if len(differences) == 1:
        return (seen,)
    shown = [difference_text(one) for one in differences[:_LINES]]
    if len(differences) > _LINES:
        shown.append(f"and {len(differences) - _LINES:,} more")
    return (*shown, seen)


def _facts(one: SnapshotDifference) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "subject": one.subject.value,
        "id": one.subject_id,
        "name": one.name,
        "target_id": one.target_id or None,
        "target_name": one.target_name or None,
        "text": difference_text(one),
    }


def register() -> None:
    """Declare the kinds, and publish them when a run ends."""
    for kind in CHANGE_KINDS:
        register_kind(
            EventKind(
                name=kind.name,
                label=kind.label,
                help=kind.help,
                group="Changes since the last run",
                audience=rights.VIEW_INVENTORY,
                words=_words(kind),
                default=kind.default,
            )
        )
    run_ended.connect(publish_changes, dispatch_uid="snapshots.run_ended")
