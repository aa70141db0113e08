"""Runs of the inventory and their coverage."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import factory

from inventory.models import CollectedSpan, Connection, Coverage, InventoryRun, RunAccount
from inventory.store.coverage import note_collected, sum_up_coverage, sum_up_parts
from tests.factories.connections import ConnectionFactory
from tests.factories.times import FIRST_RUN_AT


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


class RunAccountFactory(factory.django.DjangoModelFactory[RunAccount]):
    """One account's part of a run, complete."""

    class Meta:
        model = RunAccount

    run = factory.SubFactory(InventoryRunFactory)
    account_id = factory.Sequence(lambda n: f"{200000000000 + n}")
    state = RunAccount.State.COMPLETE
    started_at = factory.SelfAttribute("run.started_at")
    finished_at = factory.SelfAttribute("run.finished_at")


class CoverageFactory(factory.django.DjangoModelFactory[Coverage]):
    """What a collector covered of an account: complete, and the newest of its kind."""

    class Meta:
        model = Coverage

    @classmethod
    def _create(cls, model_class: type[Coverage], *args: Any, **values: Any) -> Coverage:
        made: Coverage = super()._create(model_class, *args, **values)
        _sum_up([made])
        return made

    run = factory.SubFactory(InventoryRunFactory)
    connection = factory.SelfAttribute("run.connection")
    account_id = factory.Sequence(lambda n: f"{200000000000 + n}")
    collector = "iam.authorization_details"
    state = Coverage.State.COMPLETE
    records = 12
    calls = factory.LazyFunction(lambda: {"iam:GetAccountAuthorizationDetails": 1})
    collected_at = factory.SelfAttribute("run.started_at")
    seconds = 0.5
    last_complete_at = factory.LazyAttribute(
        lambda row: row.collected_at if row.state == Coverage.State.COMPLETE else None
    )


def store_coverage(rows: Sequence[Coverage]) -> None:
    """Store many rows of one run at once, as `CoverageFactory.build` makes them."""
    Coverage.objects.bulk_create(rows)
    _sum_up(rows)


def _sum_up(rows: Sequence[Coverage]) -> None:
    """Bring what is counted by account, and what is known since when, to rows of one run."""
    run = rows[0].run
    account_ids = {row.account_id for row in rows}
    sum_up_coverage(connection_id=run.connection_id, account_ids=account_ids)
    RunAccount.objects.bulk_create(
        [
            RunAccount(run=run, account_id=account_id, state=RunAccount.State.COMPLETE)
            for account_id in sorted(account_ids - {""})
        ],
        ignore_conflicts=True,
    )
    sum_up_parts(run_id=run.pk, connection_id=run.connection_id, account_ids=account_ids)
    note_collected([row for row in rows if row.last_complete_at is not None])


class DeniedCoverageFactory(CoverageFactory):
    """What a collector could not read because the audit role cannot be assumed."""

    state = Coverage.State.DENIED
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
    rows.update(state=Coverage.State.DENIED, last_complete_at=None)
    CollectedSpan.objects.filter(**covered).delete()
    for run_id in rows.values_list("run_id", flat=True).distinct():
        account_ids = set(rows.filter(run_id=run_id).values_list("account_id", flat=True))
        sum_up_coverage(connection_id=connection.pk, account_ids=account_ids)
        sum_up_parts(run_id=run_id, connection_id=connection.pk, account_ids=account_ids)


def forget_coverage(connection: Connection, *, account_id: str) -> None:
    """Take away an account's coverage, as if no run had come to it."""
    Coverage.objects.filter(connection=connection, account_id=account_id).delete()
    CollectedSpan.objects.filter(connection=connection, account_id=account_id).delete()
    RunAccount.objects.filter(run__connection=connection, account_id=account_id).delete()
    sum_up_coverage(connection_id=connection.pk, account_ids=[account_id])
