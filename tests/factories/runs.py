"""Runs of the inventory and their coverage."""

from datetime import timedelta
from typing import Any

import factory

from inventory.models import Coverage, InventoryRun, RunAccount
from inventory.store.coverage import sum_up_coverage
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
        sum_up_coverage(connection_id=made.connection_id, account_ids=[made.account_id])
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
