"""Asking for reports, making them, and finding those that were made."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.access.owners.targets import OwnedTarget, target_tree
from governance.jobs.life import job_queue, job_run
from governance.reports.contents import report_contents
from governance.reports.dispatch import send_report
from governance.reports.models import SubtreeReport
from inventory.models import Connection
from inventory.viewing import Viewer, targets_seen, visible_key

KEPT_HOURS: Final = 7 * 24


class NoSuchSubtree(LookupError):
    """There is no such root, OU or account, or this person does not see it."""


def report_request(
    *, by: ActingPerson, viewer: Viewer, connection: Connection, target_id: str, now: datetime
) -> SubtreeReport:
    """Queue a report of a root, OU or account with all below it; it stays for a week.

    :raises NoSuchSubtree: there is none that `viewer` sees.
    :raises MayNot: the right is missing there.
    """
    seen = targets_seen(viewer, connection)
    tree = target_tree(connection)
    if target_id not in tree.by_id or not seen.holds_wholly(target_id):
        raise NoSuchSubtree(f"there is no root, OU or account {target_id} that you may see")
    by.require_at_all(rights.MAKE_REPORT, connection, tree, [target_id])
    return job_queue(
        SubtreeReport(
            connection=connection, requested_by=by.user, requested_at=now, target_id=target_id
        ),
        viewer=viewer,
        kept_hours=KEPT_HOURS,
        send=send_report,
    )


def reportable_targets(
    by: ActingPerson, viewer: Viewer, connection: Connection
) -> list[OwnedTarget]:
    """Return the root, OUs and accounts that somebody may have a report of, as the tree is read."""
    tree, seen = target_tree(connection), targets_seen(viewer, connection)
    places = by.places(rights.MAKE_REPORT, connection)
    return [
        one
        for one in tree.in_order()
        if seen.holds_wholly(one.target_id) and places.covers(tree, one.target_id)
    ]


def reports_made(
    viewer: Viewer, *, connection: Connection, now: datetime
) -> "QuerySet[SubtreeReport]":
    """Return the reports of who sees the same part, the newest first, without their contents."""
    rows = SubtreeReport.objects.filter(
        connection=connection, expires_at__gt=now, seen_part=visible_key(viewer, connection)
    )
    return rows.select_related("requested_by").defer("result").order_by("-requested_at")


def report_make(*, job_id: UUID, clock: Callable[[], datetime]) -> None:
    """Make a queued report and keep it."""

    def answer(job: SubtreeReport, viewer: Viewer) -> dict[str, Any]:
        return report_contents(
            viewer,
            connection=job.connection,
            target_id=job.target_id,
            made_by=job.requested_by.get_username(),
            now=clock(),
        )

    job_run(SubtreeReport, job_id=job_id, clock=clock, answer=answer)
