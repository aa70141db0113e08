"""What a run could not read any more that the run before it had read."""

from dataclasses import dataclass

from django.db.models import F, OuterRef, Subquery

from inventory.models import Account, GroupCoverageSpan, InventoryRun
from inventory.viewing import Viewer, visible


@dataclass(frozen=True, slots=True)
class CoverageLoss:
    """A group of collectors of one account of which fewer were complete than before.

    `account_id`: empty for the organization itself. `total`: of those that AWS supports there.
    """

    account_id: str
    name: str
    group: str
    before: int
    complete: int
    total: int
    denied: int


def coverage_losses(viewer: Viewer, *, run: InventoryRun) -> list[CoverageLoss]:
    """Return what a run lost, by account and group; what was lost earlier is not told again."""
    if run.started_at is None:
        return []
    before = GroupCoverageSpan.objects.filter(
        summary=OuterRef("summary"), held_until=run.started_at
    ).values("complete")[:1]
    spans = (
        visible(GroupCoverageSpan.objects.filter(connection_id=run.connection_id), viewer)
        .filter(held_from=run.started_at)
        .annotate(before=Subquery(before))
        .filter(before__gt=F("complete"), complete__lt=F("total") - F("unsupported"))
        .order_by("account_id", "summary__group")
        .values_list(
            "account_id", "summary__group", "before", "complete", "total", "unsupported", "denied"
        )
    )
    found = list(spans)
    names = dict(
        visible(Account.objects.filter(connection_id=run.connection_id), viewer)
        .filter(account_id__in={row[0] for row in found}, seen_until__isnull=True)
        .values_list("account_id", "name")
    )
    return [
        CoverageLoss(
            account_id, names.get(account_id, ""), group, before, complete, total - out, denied
        )
        for account_id, group, before, complete, total, out, denied in found
    ]
