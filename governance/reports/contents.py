"""What a report says, as JSON: the page and every file are written from it."""

from datetime import datetime
from typing import Any, Final

from governance.reports.guardrail_section import guardrail_section
from governance.reports.landing_zone_section import landing_zone_section, logging_section
from governance.reports.state_sections import (
    coverage_section,
    drift_section,
    exception_section,
)
from governance.reports.subtree import ReportedSubtree, reported_subtree
from inventory.models import Connection, Organization
from inventory.selectors.connections import latest_whole_run, stale_after
from inventory.viewing import Viewer, visible

FORMAT: Final = 1


class SubtreeGone(LookupError):
    """The root, OU or account left the organization before its report was made."""


def report_contents(
    viewer: Viewer, *, connection: Connection, target_id: str, made_by: str, now: datetime
) -> dict[str, Any]:
    """Return what is known of a root, OU or account and all below it, times as ISO 8601 in UTC.

    `organization`, `subtree`, `run`, `made_by`, `made_at`: the header. `sees_part`: a part of the
    organization is hidden from the viewer, and nothing of it is counted. Then `guardrails`,
    `disabled`, `exceptions`, `drift`, `landing_zone`, `logging` and `coverage`.

    :raises SubtreeGone: there is no such target any more.
    """
    subtree = reported_subtree(viewer, connection=connection, target_id=target_id)
    if subtree is None:
        raise SubtreeGone(target_id)
    asked: dict[str, Any] = {"connection": connection, "subtree": subtree}
    enabled, disabled = guardrail_section(viewer, **asked)
    return {
        "format": FORMAT,
        **_header(viewer, connection, subtree, now),
        "made_by": made_by,
        "made_at": now.isoformat(),
        "guardrails": enabled,
        "disabled": disabled,
        "exceptions": exception_section(viewer, **asked),
        "drift": drift_section(viewer, **asked),
        "landing_zone": landing_zone_section(viewer, **asked, now=now),
        "logging": logging_section(viewer, **asked, now=now),
        "coverage": coverage_section(viewer, **asked, now=now),
    }


def _header(
    viewer: Viewer, connection: Connection, subtree: ReportedSubtree, now: datetime
) -> dict[str, Any]:
    organization = visible(Organization.objects.as_of(None), viewer).filter(connection=connection)
    known = organization.first()
    run = latest_whole_run(viewer, connection=connection)
    return {
        "organization": {
            "name": connection.name,
            "slug": connection.slug,
            "organization_id": known.organization_id if known else "",
            "management_account_id": known.management_account_id if known else "",
        },
        "subtree": {
            "target_id": subtree.target.target_id,
            "kind": subtree.target.kind,
            "name": subtree.target.name,
            "path": list(subtree.path),
            "accounts": len(subtree.accounts),
        },
        "sees_part": not subtree.is_whole,
        "run": None
        if run is None
        else {
            "id": run.pk,
            "state": run.state,
            "started_at": run.started_at.isoformat() if run.started_at else None,
            "finished_at": run.finished_at.isoformat() if run.finished_at else None,
            "is_stale": run.started_at is None or now - run.started_at > stale_after(connection),
        },
    }
