"""What each account's part of a run came to, told from what changed and when the run started."""

from typing import Any

from django.db.models import F, Q, QuerySet

from inventory.models import GroupCoverageSpan, InventoryRun


def held_at(moment: Any) -> Q:
    """Return what a span holds by at a time, or at a run's start."""
    return Q(held_from__lte=moment) & (Q(held_until__isnull=True) | Q(held_until__gt=moment))


def spans_of_run(run: InventoryRun) -> "QuerySet[GroupCoverageSpan]":
    """Return how the groups of a run's accounts stood after it; none before it has read them.

    Of a run that ended before all were read, the rest is in `InventoryRun.unread`, and its spans
    are those of an earlier run. Of one of chosen groups, each account tells of all groups that are
    chosen anywhere.
    """
    spans = GroupCoverageSpan.objects.filter(connection_id=run.connection_id).exclude(account_id="")
    if run.started_at is None or not run.tasks_total:
        return spans.none()
    spans = spans.filter(held_at(run.started_at))
    if run.account_ids is not None:
        spans = spans.filter(account_id__in=run.account_ids)
    if run.chosen_groups is not None:
        groups = {group for chosen in run.chosen_groups.values() for group in chosen}
        spans = spans.filter(summary__group__in=groups)
    return spans


def unread_groups(run: InventoryRun) -> dict[str, list[str]]:
    """Return by account the groups that an ended run could not read wholly."""
    unread: dict[str, set[str]] = {}
    short = spans_of_run(run).filter(complete__lt=F("total") - F("unsupported"))
    for account_id, group in (*short.values_list("account_id", "summary__group"), *run.unread):
        unread.setdefault(account_id, set()).add(group)
    return {account_id: sorted(groups) for account_id, groups in sorted(unread.items())}
