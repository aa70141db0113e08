"""The runs that read the organization, and what each of them covered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Min

from demo.scale.loading import Copy
from demo.scale.policies import POLICY_TYPES
from demo.scale.shape import Shape, chance
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import CollectedSpan, Connection, Coverage, InventoryRun, RunAccount
from inventory.records import AccountRecord
from inventory.runs.counts import count_runs
from inventory.store.coverage import sum_up_coverage
from inventory.store.coverage_counts import COUNTS

_STATE: Final = Coverage.State
_RUN_LASTS: Final = timedelta(minutes=21)
_PROBLEMS: Final = {
    _STATE.DENIED: (
        "AccessDenied",
        "OrgwardenAudit may not be assumed: it does not trust the workers",
        "deploy the role OrgwardenAudit in this account",
    ),
    _STATE.THROTTLED: ("Throttling", "AWS asked to slow down until patience was at its end", ""),
    _STATE.FAILED: ("ServiceFailure", "AWS answered with a fault of its own", "retry the account"),
}
_PART_COLUMNS: Final = (
    *("run", "account_id", "state", "attempts", "sent_at", "started_at", "finished_at"),
    *COUNTS,
)
_COVERAGE_COLUMNS: Final = (
    *("connection", "run", "account_id", "region", "collector", "state", "error_code", "message"),
    *("remedy", "records", "calls", "throttled", "collected_at", "seconds", "is_latest"),
    "last_complete_at",
)


def organization_collectors() -> list[str]:
    """Return the names of the collectors whose coverage the organization itself has."""
    names = []
    for collector in registry.collectors(Reader.ORGANIZATION):
        kind = collector.name.rpartition(".")[2]
        if not kind.isupper() or kind in POLICY_TYPES:
            names.append(collector.name)
    return names


@dataclass(frozen=True, slots=True)
class _Read:
    """What came of one collector in one run."""

    state: str
    complete_at: datetime | None


def write_record(
    shape: Shape, connection: Connection, accounts: Sequence[AccountRecord]
) -> list[InventoryRun]:
    """Write the runs of the whole organization with parts and coverage; the newest is latest."""
    times = shape.run_times()
    runs = []
    parts = Copy(RunAccount, _PART_COLUMNS)
    coverage = Copy(Coverage, _COVERAGE_COLUMNS)
    collectors = [each.name for each in registry.collectors(Reader.ACCOUNT)]
    complete_at: dict[tuple[str, str], datetime] = {}
    for place, started_at in enumerate(times):
        run = InventoryRun.objects.create(
            connection=connection,
            trigger=InventoryRun.Trigger.SCHEDULE,
            state=InventoryRun.State.PARTIAL,
            requested_at=started_at - timedelta(seconds=2),
            started_at=started_at,
            finished_at=started_at + _RUN_LASTS,
            rows_opened=shape.principals if place == 0 else 1200 + 17 * place,
            rows_closed=0 if place == 0 else 900 + 11 * place,
        )
        runs.append(run)
        newest = place == len(times) - 1
        for name in organization_collectors():
            at = started_at + timedelta(seconds=70)
            coverage.add(_row(connection, run, "", name, _Read(_STATE.COMPLETE, at), at, newest))
        for number, account in enumerate(accounts):
            at = started_at + timedelta(seconds=90 + number * 1100 // max(1, len(accounts)))
            states = list(_states(number, account, place, len(collectors)))
            part = _part_state(states)
            begun = None if part == RunAccount.State.SKIPPED else at
            row = [
                *(run.pk, account.account_id, part, 1 if begun else 0),
                *(begun and started_at, begun, at),
            ]
            for name, state in zip(collectors, states, strict=True):
                key = (account.account_id, name)
                if state == _STATE.COMPLETE:
                    complete_at[key] = at
                read = _Read(state, complete_at.get(key))
                coverage.add(_row(connection, run, account.account_id, name, read, at, newest))
            last = [complete_at.get((account.account_id, name)) for name in collectors]
            parts.add([*row, *_counts(states, last, at)])
    parts.flush()
    coverage.flush()
    _write_spans(connection)
    for run in runs:
        run.counted = count_runs([run])[run.pk].as_json()
        run.save(update_fields=["counted"])
    sum_up_coverage(
        connection_id=connection.pk, account_ids=["", *(each.account_id for each in accounts)]
    )
    return runs


def _states(number: int, account: AccountRecord, place: int, count: int) -> Iterator[str]:
    if account.state != "ACTIVE":
        yield from [_STATE.UNSUPPORTED] * count
        return
    if number % 83 == 40:  # accounts without the role, in every run
        yield from [_STATE.DENIED] * count
        return
    source = chance("coverage", place, number)
    whole = source.random() < 0.985
    for _ in range(count):
        trouble = not whole and source.random() < 0.4
        yield source.choice((_STATE.THROTTLED, _STATE.FAILED)) if trouble else _STATE.COMPLETE


def _counts(
    states: Sequence[str], complete_at: Sequence[datetime | None], at: datetime
) -> list[Any]:
    """Return what the store sums up of an account's coverage, in the order of `COUNTS`."""
    supported = [
        last for state, last in zip(states, complete_at, strict=True) if state != _STATE.UNSUPPORTED
    ]
    known = [last for last in supported if last is not None]
    return [
        len(states),
        *(states.count(state) for state in (_STATE.COMPLETE, _STATE.DENIED, _STATE.UNSUPPORTED)),
        min(known) if known and len(known) == len(supported) else None,
        at,
    ]


def _write_spans(connection: Connection) -> None:
    """Write from when on what each collector reads of each account is known."""
    spans = Copy(CollectedSpan, ("connection", "account_id", "collector", "known_from"))
    first = (
        Coverage.objects.filter(connection=connection, state=_STATE.COMPLETE)
        .order_by()
        .values_list("account_id", "collector")
        .annotate(at=Min("run__started_at"))
    )
    for account_id, collector, at in first:
        spans.add([connection.pk, account_id, collector, at])
    spans.flush()


def _part_state(states: Sequence[str]) -> str:
    if all(state == _STATE.UNSUPPORTED for state in states):
        return RunAccount.State.SKIPPED
    complete = sum(state == _STATE.COMPLETE for state in states)
    if complete == len(states):
        return RunAccount.State.COMPLETE
    return RunAccount.State.PARTIAL if complete else RunAccount.State.FAILED


def _row(
    connection: Connection,
    run: InventoryRun,
    account_id: str,
    collector: str,
    read: _Read,
    at: datetime,
    newest: bool,
) -> list[Any]:
    code, message, remedy = _PROBLEMS.get(_STATE(read.state), ("", "", ""))
    if read.state == _STATE.UNSUPPORTED:
        code, message = "SUSPENDED", "the account is SUSPENDED: no role in it can be assumed"
    complete = read.state == _STATE.COMPLETE
    calls = (
        {} if read.state == _STATE.UNSUPPORTED else {_call_of(collector): 1 + len(collector) % 3}
    )
    return [
        connection.pk,
        run.pk,
        account_id,
        "global",
        collector,
        read.state,
        code,
        message,
        remedy,
        50 if complete else 0,
        calls,
        4 if read.state == _STATE.THROTTLED else 0,
        at,
        0.4,
        newest,
        read.complete_at,
    ]


def _call_of(collector: str) -> str:
    service, _, subject = collector.partition(".")
    words = subject.split(".")[0].split("_")
    return f"{service}:Get{''.join(word.capitalize() for word in words)}"
