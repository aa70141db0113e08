"""Runs of the inventory, their tasks and their coverage."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import factory
from django.db import connection as database
from django.db.models import F

from inventory.models import (
    CollectedSpan,
    CollectionTask,
    Connection,
    Coverage,
    GroupCoverage,
    GroupCoverageSpan,
    InventoryRun,
)
from inventory.runs.group_tasks import write_tasks
from inventory.selectors.coverage import latest_coverage
from inventory.store.account_coverage import sum_up_coverage
from inventory.store.coverage import keep_coverage
from inventory.store.coverage_counts import count_group
from inventory.store.covered import Covered
from inventory.viewing import Viewer
from tests.factories.connections import ConnectionFactory
from tests.factories.times import FIRST_RUN_AT

STATE = Coverage.State
# So many rows that it matters how PostgreSQL finds them.
_MANY = 1000


class InventoryRunFactory(factory.django.DjangoModelFactory[InventoryRun]):
    """A run of the whole organization that started at `FIRST_RUN_AT` and was complete."""

    class Meta:
        model = InventoryRun

    connection = factory.SubFactory(ConnectionFactory)
    trigger = InventoryRun.Trigger.SCHEDULE
    state = InventoryRun.State.COMPLETE
    started_at = FIRST_RUN_AT
    requested_at = factory.LazyAttribute(lambda run: run.started_at or FIRST_RUN_AT)
    finished_at = factory.LazyAttribute(
        lambda run: (
            None
            if run.started_at is None or run.state in InventoryRun.ACTIVE_STATES
            else run.started_at + timedelta(minutes=2)
        )
    )


class TaskFactory(factory.django.DjangoModelFactory[CollectionTask]):
    """The task of one group of one account in a run, complete; the newest of its kind."""

    class Meta:
        model = CollectionTask

    @classmethod
    def _create(cls, model_class: type[CollectionTask], *args: Any, **values: Any) -> Any:
        made = model_class(*args, connection=values["run"].connection, **values)
        add_made_tasks([made])
        return CollectionTask.objects.get(
            connection=made.connection, account_id=made.account_id, group=made.group
        )

    run = factory.SubFactory(InventoryRunFactory)
    account_id = factory.Sequence(lambda n: f"{200000000000 + n}")
    group = "iam"
    state = CollectionTask.State.COMPLETE
    started_at = factory.SelfAttribute("run.started_at")
    finished_at = factory.SelfAttribute("run.finished_at")


def add_made_tasks(tasks: Iterable[CollectionTask]) -> None:
    """Store tasks of one run, and count those of accounts that it did not have yet."""
    made = list(tasks)
    if not made:
        return
    run = made[0].run
    own = set(run.tasks.values_list("account_id", "group"))
    new = [one for one in made if one.account_id and (one.account_id, one.group) not in own]
    write_tasks(made)
    done = sum(one.state in CollectionTask.DONE_STATES for one in new)
    InventoryRun.objects.filter(pk=run.pk).update(
        tasks_total=F("tasks_total") + len(new), tasks_done=F("tasks_done") + done
    )
    run.refresh_from_db(fields=["tasks_total", "tasks_done"])


@dataclass
class MadeCoverage:
    """What a test says of a collector; `stored` makes the row of it that selectors give."""

    run: InventoryRun
    account_id: str
    collector: str
    region: str
    state: str
    error_code: str
    message: str
    remedy: str
    records: int
    calls: Mapping[str, int]
    throttled: int
    collected_at: datetime
    seconds: float
    last_complete_at: datetime | None = field(default=None)

    @property
    def part(self) -> tuple[str, str]:
        return self.account_id, self.collector.partition(".")[0]

    @property
    def covered(self) -> Covered:
        names = (
            *("collector", "region", "state", "collected_at", "error_code", "message", "remedy"),
            *("records", "calls", "throttled", "seconds"),
        )
        return Covered(**{name: getattr(self, name) for name in names})


class CoverageFactory(factory.Factory[Any]):
    """What a collector covered of an account: complete, and what holds now.

    Make those of an earlier run before those of a later one. `last_complete_at`: of one that is
    not complete, when it was so before; left out: as the rows before it say.
    """

    class Meta:
        model = MadeCoverage
        exclude = ("connection",)

    @classmethod
    def _create(cls, model_class: type[MadeCoverage], *args: Any, **values: Any) -> Any:
        made = model_class(*args, **values)
        store_coverage([made])
        return (
            latest_coverage(Viewer(sees_inventory=True), connection=made.run.connection)
            .filter(account_id=made.account_id, collector=made.collector, region=made.region)
            .get()
        )

    # The run's own; whoever gives one besides gives the same.
    connection = None
    run = factory.SubFactory(InventoryRunFactory)
    account_id = factory.Sequence(lambda n: f"{200000000000 + n}")
    collector = "iam.authorization_details"
    region = "global"
    state = STATE.COMPLETE
    error_code = ""
    message: Any = ""
    remedy = ""
    records = 12
    calls = factory.LazyFunction(lambda: {"iam:GetAccountAuthorizationDetails": 1})
    throttled = 0
    collected_at = factory.LazyAttribute(lambda made: made.run.started_at)
    seconds = 0.5


def store_coverage(made: Iterable[MadeCoverage]) -> None:
    """Store many at once, of one run, as `CoverageFactory.build` makes them."""
    rows = list(made)
    run = rows[0].run
    parts: dict[tuple[str, str], list[Covered]] = {}
    for row in rows:
        parts.setdefault(row.part, []).append(row.covered)
    keep_coverage(parts, run=run, whole=False)
    if len(rows) >= _MANY:
        # As autovacuum does in time: for what it takes for empty, PostgreSQL plans nested loops.
        with database.cursor() as cursor:
            for model in (Coverage, GroupCoverage, GroupCoverageSpan):
                cursor.execute(f"ANALYZE {model._meta.db_table}")
    counted = GroupCoverage.objects.filter(
        connection=run.connection, account_id__in={account_id for account_id, _ in parts}
    )
    states = {(row.account_id, row.group): _state_of(row) for row in counted}
    # A task that a test has made to end otherwise stays as it is.
    own = set(
        run.tasks.exclude(state=CollectionTask.State.COMPLETE).values_list("account_id", "group")
    )
    add_made_tasks(
        CollectionTask(
            connection=run.connection,
            run=run,
            account_id=account_id,
            group=group,
            state=states[account_id, group],
            started_at=run.started_at,
            finished_at=run.finished_at,
        )
        for account_id, group in parts
        if (account_id, group) not in own
    )
    for row in rows:
        if row.last_complete_at is not None and row.state != STATE.COMPLETE:
            was_complete(row.run.connection, row.last_complete_at, **_key(row))


def _state_of(counted: GroupCoverage) -> CollectionTask.State:
    state = CollectionTask.State
    readable = counted.total - counted.unsupported
    if not readable:
        return state.SKIPPED
    if counted.complete == readable:
        return state.COMPLETE
    return state.PARTIAL if counted.complete else state.FAILED


def _key(row: MadeCoverage) -> dict[str, Any]:
    return {"account_id": row.account_id, "collector": row.collector, "region": row.region}


def was_complete(connection: Connection, at: datetime | None, **where: Any) -> None:
    """Have collectors that are not complete been so last at a time, or never."""
    rows = Coverage.objects.filter(connection=connection, held_until__isnull=True, **where)
    rows.update(complete_before_at=at)
    count_again(connection, set(rows.values_list("summary_id", flat=True)))


def count_again(connection: Connection, summaries: Iterable[int]) -> None:
    """Bring what is counted of groups to the rows that tests have changed."""
    chosen = GroupCoverage.objects.filter(pk__in=summaries)
    for summary in chosen:
        counts = count_group(
            summary.collectors.filter(held_until__isnull=True).values_list(
                "state", "complete_before_at"
            )
        )
        values = {
            name: getattr(counts, name) for name in ("total", "complete", "denied", "unsupported")
        }
        spans = GroupCoverageSpan.objects.filter(summary=summary, held_until__isnull=True)
        spans.update(**values, oldest_complete_at=counts.oldest_complete_at)
        if not counts.total:
            spans.delete()
        attempt = summary.newest_attempt_at
        GroupCoverage.objects.filter(pk=summary.pk).update(
            **values,
            fingerprint="",
            oldest_complete_at=counts.as_of_attempt(attempt) if attempt else None,
        )
    sum_up_coverage(
        connection_id=connection.pk, account_ids={summary.account_id for summary in chosen}
    )


class DeniedCoverageFactory(CoverageFactory):
    """What a collector could not read because the audit role cannot be assumed."""

    state = STATE.DENIED
    error_code = "AccessDenied"
    message = factory.LazyAttribute(
        lambda row: f"the role OrgwardenAudit does not exist in account {row.account_id}"
    )
    remedy = "deploy docs/roles/audit.yaml"
    records = 0
    calls = factory.LazyFunction(lambda: {"sts:AssumeRole": 1})


def never_complete(connection: Connection, *, collector: str, **where: Any) -> None:
    """Have a collector denied everywhere, or where `where` says, as if it had never been read."""
    covered = {"connection": connection, "collector": collector, **where}
    rows = Coverage.objects.filter(**covered)
    rows.update(state=STATE.DENIED, complete_before_at=None)
    CollectedSpan.objects.filter(**covered).delete()
    count_again(connection, set(rows.values_list("summary_id", flat=True)))


def forget_coverage(connection: Connection, *, account_id: str) -> None:
    """Take away an account's coverage, as if no run had come to it."""
    of_account = {"connection": connection, "account_id": account_id}
    CollectedSpan.objects.filter(**of_account).delete()
    CollectionTask.objects.filter(**of_account).delete()
    GroupCoverage.objects.filter(**of_account).delete()
    sum_up_coverage(connection_id=connection.pk, account_ids=[account_id])
