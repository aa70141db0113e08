"""The runs that read the organization, and what each of them covered."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from demo.scale.loading import gather_statistics
from demo.scale.policies import POLICY_TYPES
from demo.scale.shape import Shape, chance
from inventory.collectors import registry
from inventory.collectors.collector import ALL_REGIONS, GLOBAL_REGION, Collector, Reader, Scope
from inventory.models import CollectionTask, Connection, Coverage, GroupCoverage, InventoryRun
from inventory.records import AccountRecord
from inventory.runs.counts import count_run
from inventory.runs.group_tasks import write_tasks
from inventory.store.coverage import keep_coverage
from inventory.store.covered import Covered, Part

_STATE: Final = Coverage.State
# The one that `demo.scale.seeding` connects.
_REGION: Final = "us-east-1"
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


def organization_collectors() -> list[str]:
    """Return the names of the collectors whose coverage the organization itself has."""
    names = []
    for collector in registry.collectors(Reader.ORGANIZATION):
        kind = collector.name.rpartition(".")[2]
        if not kind.isupper() or kind in POLICY_TYPES:
            names.append(collector.name)
    return names


def write_record(
    shape: Shape, connection: Connection, accounts: Sequence[AccountRecord]
) -> list[InventoryRun]:
    """Write the runs of the whole organization with tasks and coverage, through the store."""
    times = shape.run_times()
    groups = registry.groups(Reader.ACCOUNT) if shape.covers_accounts else ()
    runs = []
    for place, started_at in list(enumerate(times))[-shape.recorded_runs :]:
        run = InventoryRun.objects.create(
            connection=connection,
            trigger=InventoryRun.Trigger.SCHEDULE,
            state=InventoryRun.State.PARTIAL,
            requested_at=started_at - timedelta(seconds=2),
            started_at=started_at,
            finished_at=started_at + _RUN_LASTS,
            rows_opened=shape.principals if place == 0 else 1200 + 17 * place,
            rows_closed=0 if place == 0 else 900 + 11 * place,
            tasks_total=len(accounts) * len(groups),
            tasks_done=len(accounts) * len(groups),
        )
        runs.append(run)
        at = started_at + timedelta(seconds=70)
        own = [_covered(name, _STATE.COMPLETE, at) for name in organization_collectors()]
        parts: dict[Part, list[Covered]] = {("", "organizations"): own}
        tasks = []
        for number, account in enumerate(accounts):
            at = started_at + timedelta(seconds=90 + number * 1100 // max(1, len(accounts)))
            for group in groups:
                collectors = registry.group_collectors(Reader.ACCOUNT, group)
                covered = [
                    _covered(collector.name, state, at, region=_region_of(collector))
                    for collector, state in zip(
                        collectors,
                        _states(number, account, place, group, len(collectors)),
                        strict=True,
                    )
                ]
                parts[account.account_id, group] = covered
                tasks.append(_task(run, account.account_id, group, covered, at))
        keep_coverage(parts, run=run)
        write_tasks(tasks)
        if len(runs) == 1:
            gather_statistics(Coverage, GroupCoverage, CollectionTask)
        run.counted = count_run(run).as_json()
        run.save(update_fields=["counted"])
    return runs


def _states(
    number: int, account: AccountRecord, place: int, group: str, count: int
) -> Iterator[str]:
    if account.state != "ACTIVE":
        yield from [_STATE.UNSUPPORTED] * count
        return
    if number % 83 == 40:  # accounts without the role, in every run
        yield from [_STATE.DENIED] * count
        return
    source = chance("coverage", place, number, group)
    whole = source.random() < 0.985
    for _ in range(count):
        trouble = not whole and source.random() < 0.4
        yield source.choice((_STATE.THROTTLED, _STATE.FAILED)) if trouble else _STATE.COMPLETE


def _task(
    run: InventoryRun, account_id: str, group: str, covered: Sequence[Covered], at: datetime
) -> CollectionTask:
    task = CollectionTask(
        connection_id=run.connection_id,
        run=run,
        account_id=account_id,
        group=group,
        state=_task_state([each.state for each in covered]),
        finished_at=at,
    )
    if task.state != CollectionTask.State.SKIPPED:
        task.attempts, task.sent_at, task.started_at = 1, run.started_at, at
    return task


def _task_state(states: Sequence[str]) -> CollectionTask.State:
    if all(state == _STATE.UNSUPPORTED for state in states):
        return CollectionTask.State.SKIPPED
    complete = sum(state == _STATE.COMPLETE for state in states)
    if complete == len(states):
        return CollectionTask.State.COMPLETE
    return CollectionTask.State.PARTIAL if complete else CollectionTask.State.FAILED


def _region_of(collector: Collector) -> str:
    return ALL_REGIONS if collector.scope == Scope.REGIONAL else GLOBAL_REGION


def _covered(collector: str, state: str, at: datetime, *, region: str = GLOBAL_REGION) -> Covered:
    code, message, remedy = _PROBLEMS.get(_STATE(state), ("", "", ""))
    if state == _STATE.UNSUPPORTED:
        code, message = "SUSPENDED", "the account is SUSPENDED: no role in it can be assumed"
    calls = {} if state == _STATE.UNSUPPORTED else {_call_of(collector): 1 + len(collector) % 3}
    return Covered(
        collector=collector,
        region=region,
        state=state,
        collected_at=at,
        error_code=code,
        message=message,
        remedy=remedy,
        records=50 if state == _STATE.COMPLETE else 0,
        calls=calls,
        throttled=4 if state == _STATE.THROTTLED else 0,
        seconds=0.4,
        regions=(_REGION,) if region == ALL_REGIONS else (),
    )


def _call_of(collector: str) -> str:
    service, _, subject = collector.partition(".")
    words = subject.split(".")[0].split("_")
    return f"{service}:Get{''.join(word.capitalize() for word in words)}"
