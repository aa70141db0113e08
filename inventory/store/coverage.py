"""What came of each collector: a summary written over by each run, rows where it is otherwise."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from inventory.digests import sha256
from inventory.models import (
    CollectedSpan,
    Coverage,
    GroupCoverage,
    GroupCoverageSpan,
    InventoryRun,
)
from inventory.store.account_coverage import sum_up_coverage
from inventory.store.coverage_counts import COUNTS, GroupCounts, count_group

_BATCH: Final = 1000
_STATE: Final = Coverage.State
_GLOBAL: Final = "global"
_DIGITS: Final = re.compile(r"\d+")

# An account, empty for the organization itself, and a group of collectors.
Part = tuple[str, str]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Covered:
    """What came of one collector in one region, in one run; the fields are those of `Coverage`."""

    collector: str
    region: str
    state: str
    collected_at: datetime
    error_code: str = ""
    message: str = ""
    remedy: str = ""
    records: int = 0
    calls: Mapping[str, int] = field(default_factory=dict)
    throttled: int = 0
    seconds: float = 0.0

    @property
    def key(self) -> Key:
        """What names it within its part."""
        return self.collector, self.region

    @property
    def measures(self) -> dict[str, Any]:
        """What the reading took; empty where it took nothing and found nothing."""
        values = {
            "records": self.records,
            "calls": dict(self.calls),
            "throttled": self.throttled,
            "seconds": round(self.seconds, 3),
        }
        return values if self.records or self.calls else {}

    @property
    def cause(self) -> tuple[str, str, str]:
        """By what it is told from another: numbers in the message say nothing of the cause."""
        return self.state, self.error_code, _DIGITS.sub("0", self.message)


def _cause_of(row: Coverage) -> tuple[str, str, str]:
    return row.state, row.error_code, _DIGITS.sub("0", row.message)


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
    summaries = _summaries(run, chosen)
    unchanged = {
        part
        for part, covered in chosen.items()
        if whole
        and summaries[part].run_id != run.pk
        and summaries[part].fingerprint == _fingerprint(covered)
    }
    others = {part: covered for part, covered in chosen.items() if part not in unchanged}
    for part in unchanged:
        _write_over(summaries[part], chosen[part], counts=None)
    if others:
        _keep_changed(run, others, summaries, whole=whole)
    for part in chosen:
        summaries[part].run = run
    GroupCoverage.objects.bulk_create(
        # In one order everywhere, so that two writers never wait for each other.
        [summaries[part] for part in sorted(chosen)],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["connection", "account_id", "group"],
        update_fields=[*COUNTS, "run", "fingerprint", "calls", "measures"],
    )
    sum_up_coverage(
        connection_id=run.connection_id, account_ids={account_id for account_id, _ in chosen}
    )


def _fingerprint(covered: Sequence[Covered]) -> str:
    return sha256(repr(sorted((*each.key, *each.cause) for each in covered)))


def _summaries(run: InventoryRun, parts: Collection[Part]) -> dict[Part, GroupCoverage]:
    """Return the summary of each part; those that are new are stored first."""

    def stored() -> dict[Part, GroupCoverage]:
        rows = GroupCoverage.objects.filter(
            connection_id=run.connection_id,
            account_id__in={account_id for account_id, _ in parts},
            group__in={group for _, group in parts},
        )
        return {(row.account_id, row.group): row for row in rows}

    found = stored()
    missing = sorted(set(parts) - found.keys())
    if missing:
        GroupCoverage.objects.bulk_create(
            [
                GroupCoverage(
                    connection_id=run.connection_id, account_id=account_id, group=group, run=run
                )
                for account_id, group in missing
            ],
            batch_size=_BATCH,
            ignore_conflicts=True,
        )
        found = stored()
    return found


def _write_over(
    summary: GroupCoverage, covered: Sequence[Covered], *, counts: GroupCounts | None
) -> None:
    """Put into a summary what its newest reading came to. `counts`: None if they are the same."""
    attempted_at = max(each.collected_at for each in covered)
    if counts is None:
        counts = GroupCounts(
            summary.total,
            summary.complete,
            summary.denied,
            summary.unsupported,
            summary.oldest_complete_at,
        )
    for name in ("total", "complete", "denied", "unsupported"):
        setattr(summary, name, getattr(counts, name))
    summary.oldest_complete_at = counts.as_of_attempt(attempted_at)
    summary.newest_attempt_at = attempted_at
    calls: Counter[str] = Counter()
    measures: dict[str, dict[str, Any]] = {}
    for each in covered:
        calls.update(each.calls)
        if each.measures:
            measures.setdefault(each.collector, {})[each.region] = each.measures
    summary.calls = dict(calls)
    summary.measures = measures


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
    *,
    whole: bool,
) -> None:
    moment = _moment(run)
    stored: dict[int, _Rows] = {summaries[part].pk: _Rows() for part in parts}
    for row in Coverage.objects.filter(
        Q(held_until__isnull=True) | Q(held_until=moment), summary__in=stored
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
            wanted |= _no_longer_read(part, held, wanted, moment)
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
        summary.fingerprint = _fingerprint(parts[part]) if whole else ""
    _write(changes, moment)
    _keep_spans(run, {summaries[part].pk: summaries[part] for part in parts}, counts)
    _note_collected(run, changes.first)


def _no_longer_read(
    part: Part,
    held: Mapping[Key, Coverage],
    wanted: Mapping[Key, Covered],
    moment: datetime,
) -> dict[Key, Covered]:
    """Tell of regions that a collector read before and reads no more."""
    collectors = {collector for collector, _ in wanted}
    return {
        (collector, region): Covered(
            collector=collector,
            region=region,
            state=_STATE.UNSUPPORTED,
            collected_at=moment,
            error_code="RegionNotRead",
            message=(
                f"{region} is not read any more: the account has not enabled it, or the "
                "connection's regions leave it out"
            ),
        )
        for collector, region in held
        if part[0]
        and region != _GLOBAL
        and collector in collectors
        and (collector, region) not in wanted
    }


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
    if before is not None and _cause_of(before) == covered.cause:
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
    if own is None or _cause_of(own) != covered.cause:
        row.complete_before_at = _complete_before(before, own, covered, complete_at)
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


def _keep_spans(
    run: InventoryRun,
    summaries: Mapping[int, GroupCoverage],
    counts: Mapping[int, GroupCounts],
) -> None:
    """Open and close the spans of groups whose counts are other than they were."""
    moment = _moment(run)
    before: dict[int, GroupCoverageSpan] = {}
    own: dict[int, GroupCoverageSpan] = {}
    for span in GroupCoverageSpan.objects.filter(
        Q(held_until__isnull=True) | Q(held_until=moment), summary__in=summaries
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


def _moment(run: InventoryRun) -> datetime:
    if run.started_at is None:
        raise RuntimeError(f"run {run.pk} has not started")
    return run.started_at


def _note_collected(run: InventoryRun, first: Sequence[tuple[str, Key]]) -> None:
    """Open the spans in which what these complete collectors read is known, where none is open."""
    CollectedSpan.objects.bulk_create(
        [
            CollectedSpan(
                connection_id=run.connection_id,
                account_id=account_id,
                collector=collector,
                region=region,
                known_from=_moment(run),
            )
            for account_id, (collector, region) in sorted(first)
        ],
        batch_size=_BATCH,
        ignore_conflicts=True,
    )
