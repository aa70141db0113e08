"""The spans of coverage: for how long a group's counts held, since when something is known."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db.models import Q

from inventory.models import CollectedSpan, GroupCoverage, GroupCoverageSpan, InventoryRun
from inventory.store.coverage_counts import GroupCounts
from inventory.store.covered import Key

_BATCH: Final = 1000


def keep_spans(
    run: InventoryRun,
    summaries: Mapping[int, GroupCoverage],
    counts: Mapping[int, GroupCounts],
    *,
    known: Collection[int],
) -> None:
    """Open and close the spans of groups whose counts are other than they were.

    `known`: the summaries of which something may be stored.
    """
    moment = moment_of(run)
    before: dict[int, GroupCoverageSpan] = {}
    own: dict[int, GroupCoverageSpan] = {}
    for span in GroupCoverageSpan.objects.filter(
        Q(held_until__isnull=True) | Q(held_until=moment), summary__in=known
    ):
        (own if span.held_from == moment else before)[span.summary_id] = span
    close: list[int] = []
    reopen: list[int] = []
    drop: list[int] = []
    opening: list[GroupCoverageSpan] = []
    for pk, counted in counts.items():
        held = before.get(pk)
        if pk in own:
            drop.append(own[pk].pk)
        if held is not None and _counts_of(held) == counted:
            if held.held_until is not None:
                reopen.append(held.pk)
            continue
        if held is not None and held.held_until is None:
            close.append(held.pk)
        summary = summaries[pk]
        opening.append(
            GroupCoverageSpan(
                summary=summary,
                connection_id=summary.connection_id,
                account_id=summary.account_id,
                held_from=moment,
                total=counted.total,
                complete=counted.complete,
                denied=counted.denied,
                unsupported=counted.unsupported,
                oldest_complete_at=counted.oldest_complete_at,
            )
        )
    spans = GroupCoverageSpan.objects
    if drop:
        spans.filter(pk__in=drop).delete()
    if close:
        spans.filter(pk__in=close).update(held_until=moment)
    if reopen:
        spans.filter(pk__in=reopen).update(held_until=None)
    if opening:
        spans.bulk_create(opening, batch_size=_BATCH)


def _counts_of(span: GroupCoverageSpan) -> GroupCounts:
    return GroupCounts(
        span.total, span.complete, span.denied, span.unsupported, span.oldest_complete_at
    )


def moment_of(run: InventoryRun) -> datetime:
    """Return the start of a run, with which all that it writes begins and ends."""
    if run.started_at is None:
        raise RuntimeError(f"run {run.pk} has not started")
    return run.started_at


def note_collected(run: InventoryRun, first: Sequence[tuple[str, Key]]) -> None:
    """Open the spans in which what these complete collectors read is known, where none is open."""
    CollectedSpan.objects.bulk_create(
        [
            CollectedSpan(
                connection_id=run.connection_id,
                account_id=account_id,
                collector=collector,
                region=region,
                known_from=moment_of(run),
            )
            for account_id, (collector, region) in sorted(first)
        ],
        batch_size=_BATCH,
        ignore_conflicts=True,
    )
