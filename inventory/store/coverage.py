"""What came of each collector: a summary written over by each run, rows where it is otherwise."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from inventory.collectors.collector import ALL_REGIONS
from inventory.models import Coverage, GroupCoverage, InventoryRun
from inventory.store.account_coverage import sum_up_coverage
from inventory.store.coverage_counts import COUNTS, GroupCounts, count_group
from inventory.store.coverage_spans import keep_spans, moment_of, note_collected
from inventory.store.coverage_unchanged import keep_unchanged
from inventory.store.covered import (
    REGION_NOT_READ,
    Covered,
    Key,
    Part,
    cause_of,
    fingerprint_of,
    taken,
)

_BATCH: Final = 1000
_STATE: Final = Coverage.State
_GLOBAL: Final = "global"


@transaction.atomic(savepoint=False)
def keep_coverage(
    parts: Mapping[Part, Sequence[Covered]], *, run: InventoryRun, whole: bool = True
) -> None:
    """Store what came of the collectors of some accounts and groups in a run.

    Call it in a transaction under the locks of these scopes. `whole`: each part holds all
    collectors and regions of its group; what was known of others is then no longer so. What the
    same run stored before is replaced.
    """
    if run.started_at is None:
        raise RuntimeError(f"run {run.pk} has not started")
    chosen = {part: covered for part, covered in parts.items() if covered}
    if not chosen:
        return
    unchanged = keep_unchanged(chosen, run=run) if whole else set()
    others = {part: covered for part, covered in chosen.items() if part not in unchanged}
    if others:
        summaries, new = _summaries(run, others)
        _keep_changed(run, others, summaries, new, whole=whole)
        for part in others:
            summaries[part].run = run
        GroupCoverage.objects.bulk_create(
            # In one order everywhere, so that two writers never wait for each other.
            [summaries[part] for part in sorted(others)],
            batch_size=_BATCH,
            update_conflicts=True,
            unique_fields=["connection", "account_id", "group"],
            update_fields=[*COUNTS, "run", "fingerprint", "calls", "measures"],
        )
    sum_up_coverage(
        connection_id=run.connection_id, account_ids={account_id for account_id, _ in chosen}
    )


def _summaries(
    run: InventoryRun, parts: Collection[Part]
) -> tuple[dict[Part, GroupCoverage], set[int]]:
    """Return the summary of each part, and the primary keys of those that were stored just now.

    Under the locks of their scopes nobody else stores them.
    """
    rows = GroupCoverage.objects.filter(
        connection_id=run.connection_id,
        account_id__in={account_id for account_id, _ in parts},
        group__in={group for _, group in parts},
    )
    found = {(row.account_id, row.group): row for row in rows}
    new = GroupCoverage.objects.bulk_create(
        [
            GroupCoverage(
                connection_id=run.connection_id, account_id=account_id, group=group, run=run
            )
            for account_id, group in sorted(set(parts) - found.keys())
        ],
        batch_size=_BATCH,
    )
    found |= {(row.account_id, row.group): row for row in new}
    return found, {row.pk for row in new}


def _write_over(summary: GroupCoverage, covered: Sequence[Covered], *, counts: GroupCounts) -> None:
    """Put into a summary what its newest reading came to."""
    took = taken(covered)
    for name in ("total", "complete", "denied", "unsupported"):
        setattr(summary, name, getattr(counts, name))
    summary.oldest_complete_at = counts.as_of_attempt(took.attempted_at)
    summary.newest_attempt_at = took.attempted_at
    summary.calls = took.calls
    summary.measures = took.measures


@dataclass(slots=True)
class _Rows:
    """What is stored of one part. `before`: what held as the run began. `own`: what it wrote."""

    before: dict[Key, Coverage] = field(default_factory=dict)
    own: dict[Key, Coverage] = field(default_factory=dict)


@dataclass(slots=True)
class _Changes:
    """What is to be written; `close` and `reopen` and `drop` are primary keys."""

    open: list[Coverage] = field(default_factory=list)
    change: list[Coverage] = field(default_factory=list)
    close: list[int] = field(default_factory=list)
    reopen: list[int] = field(default_factory=list)
    drop: list[int] = field(default_factory=list)
    first: list[tuple[str, Key]] = field(default_factory=list)


def _keep_changed(
    run: InventoryRun,
    parts: Mapping[Part, Sequence[Covered]],
    summaries: Mapping[Part, GroupCoverage],
    new: Collection[int],
    *,
    whole: bool,
) -> None:
    moment = moment_of(run)
    stored: dict[int, _Rows] = {summaries[part].pk: _Rows() for part in parts}
    # Of a summary that is new nothing is stored; Django asks for none of no summaries.
    known = stored.keys() - new
    for row in Coverage.objects.filter(
        Q(held_until__isnull=True) | Q(held_until=moment), summary__in=known
    ):
        rows = stored[row.summary_id]
        own = row.held_from == moment
        (rows.own if own else rows.before)[row.collector, row.region] = row
    changes = _Changes()
    counts: dict[int, GroupCounts] = {}
    for part in sorted(parts):
        summary = summaries[part]
        rows = stored[summary.pk]
        held = {key: row for key, row in rows.before.items() if row.held_until is None} | rows.own
        wanted = {each.key: each for each in parts[part]}
        if whole:
            wanted |= _no_longer_read(part, {*held, *_folded_before(summary)}, wanted, moment)
        fared = {key: row for key, row in held.items() if not whole and key not in wanted}
        complete_at = summary.newest_attempt_at
        for key, covered in wanted.items():
            fared[key] = _settle(summary, rows, covered, complete_at, moment, changes)
        if whole:
            _end(rows, set(held) - wanted.keys(), changes)
        counts[summary.pk] = count_group(
            (row.state, row.complete_before_at) for row in fared.values()
        )
        _write_over(summary, parts[part], counts=counts[summary.pk])
        summary.fingerprint = fingerprint_of(parts[part]) if whole else ""
    _write(changes, moment)
    keep_spans(run, {summaries[part].pk: summaries[part] for part in parts}, counts, known=known)
    note_collected(run, changes.first)


def _no_longer_read(
    part: Part,
    held: Collection[Key],
    wanted: Mapping[Key, Covered],
    moment: datetime,
) -> dict[Key, Covered]:
    """Tell of regions that a collector read before and reads no more."""
    collectors = {collector for collector, _ in wanted}
    read = {(each.collector, region) for each in wanted.values() for region in each.regions}
    return {
        (collector, region): Covered(
            collector=collector,
            region=region,
            state=_STATE.UNSUPPORTED,
            collected_at=moment,
            error_code=REGION_NOT_READ,
            message=(
                f"{region} is no longer read: the account has not enabled it, or the "
                "connection's regions exclude it"
            ),
        )
        for collector, region in held
        if part[0]
        and region not in {_GLOBAL, ALL_REGIONS}
        and collector in collectors
        and (collector, region) not in wanted
        and (collector, region) not in read
    }


def _folded_before(summary: GroupCoverage) -> Iterator[Key]:
    """Yield the regions for which one row stood when the group was read last, by collector."""
    for collector, took in summary.measures.items():
        for region in took.get(ALL_REGIONS, {}).get("regions", ()):
            yield collector, region


def _settle(
    summary: GroupCoverage,
    rows: _Rows,
    covered: Covered,
    complete_at: datetime | None,
    moment: datetime,
    changes: _Changes,
) -> Coverage:
    """Plan what makes a collector's coverage what it now is, and return the row that holds."""
    before, own = rows.before.get(covered.key), rows.own.get(covered.key)
    if before is not None and cause_of(before) == covered.cause:
        if own is not None:
            changes.drop.append(own.pk)
        if before.held_until is not None:
            changes.reopen.append(before.pk)
        return before
    if before is not None and before.held_until is None:
        changes.close.append(before.pk)
    row = own or Coverage(
        summary=summary,
        connection_id=summary.connection_id,
        account_id=summary.account_id,
        collector=covered.collector,
        region=covered.region,
        held_from=moment,
    )
    if own is None or cause_of(own) != covered.cause:
        # What had no row of its own fared as all regions did.
        known = before or rows.before.get((covered.collector, ALL_REGIONS))
        row.complete_before_at = _complete_before(known, own, covered, complete_at)
        if covered.state == _STATE.COMPLETE and (
            before is None
            or (before.state != _STATE.COMPLETE and before.complete_before_at is None)
        ):
            changes.first.append((summary.account_id, covered.key))
        for name in ("state", "error_code", "message", "remedy"):
            setattr(row, name, getattr(covered, name))
    row.began_with = covered.measures
    (changes.open if own is None else changes.change).append(row)
    return row


def _complete_before(
    before: Coverage | None, own: Coverage | None, covered: Covered, complete_at: datetime | None
) -> datetime | None:
    """Return when a collector was last complete before it came out as it now did."""
    if covered.state == _STATE.COMPLETE:
        return None
    newest = own or before
    if newest is None:
        return None
    return complete_at if newest.state == _STATE.COMPLETE else newest.complete_before_at


def _end(rows: _Rows, gone: Collection[Key], changes: _Changes) -> None:
    """End what is known of collectors that there are no more."""
    for key in gone:
        before, own = rows.before.get(key), rows.own.get(key)
        if own is not None:
            changes.drop.append(own.pk)
        if before is not None and before.held_until is None:
            changes.close.append(before.pk)


def _write(changes: _Changes, moment: datetime) -> None:
    rows = Coverage.objects
    if changes.drop:
        rows.filter(pk__in=changes.drop).delete()
    if changes.close:
        rows.filter(pk__in=changes.close).update(held_until=moment)
    if changes.reopen:
        rows.filter(pk__in=changes.reopen).update(held_until=None)
    if changes.change:
        columns = ("state", "error_code", "message", "remedy", "complete_before_at", "began_with")
        rows.bulk_update(changes.change, columns, batch_size=_BATCH)
    if changes.open:
        rows.bulk_create(changes.open, batch_size=_BATCH)
