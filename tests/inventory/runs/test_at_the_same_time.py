"""Requests and workers at the same time."""

import threading

import pytest
from django.db import DatabaseError, connections, transaction

from inventory.models import CollectionTask, Connection, InventoryRun, Principal
from inventory.runs import dispatch, ending, group_tasks, requests
from inventory.runs.requests import RunAlreadyActive
from inventory.store.scopes import lock_scope
from tests.factories.connections import ConnectionFactory
from tests.factories.runs import InventoryRunFactory, TaskFactory
from tests.factories.times import FIRST_RUN_AT
from tests.inventory.runs.fake_aws import ONE, OTHER, again
from tests.inventory.work import TellingClock

RUN = InventoryRun.State
PART = CollectionTask.State


def collect(run, account_id, clock):
    group_tasks.collect_group(run_id=run.pk, account_id=account_id, group="iam", clock=clock)


def at_once(*calls):
    """Make calls in threads of their own, together; return what each raised or None."""
    together = threading.Barrier(len(calls), timeout=20)
    raised: list[Exception | None] = [None] * len(calls)

    def make(number, call):
        try:
            together.wait()
            call()
        except Exception as error:  # noqa: BLE001 - told to the test
            raised[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=make, args=given) for given in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return raised


@pytest.mark.django_db(transaction=True)
class TestAtTheSameTime:
    @pytest.fixture
    def sent(self, monkeypatch):
        sent: list[int | str] = []
        monkeypatch.setattr(dispatch, "send_start", sent.append)
        monkeypatch.setattr(dispatch, "send_tasks", lambda run_id, ids: sent.extend(ids))
        return sent

    def test_only_one_of_many_requests_gets_a_run(self, sent):
        connection = ConnectionFactory.create()

        def ask():
            requests.request_run(
                connection=connection, trigger=InventoryRun.Trigger.API, now=FIRST_RUN_AT
            )

        raised = at_once(*[ask] * 6)
        assert sum(error is None for error in raised) == 1
        assert {type(error) for error in raised if error} == {RunAlreadyActive}
        assert InventoryRun.objects.count() == 1
        assert len(sent) == 1

    def test_two_last_accounts_end_the_run_once(self, sent, aws):
        connection = ConnectionFactory.create(organization_id="o-exampleorg1")
        run = InventoryRunFactory.create(
            connection=connection, state=RUN.RUNNING, started_at=FIRST_RUN_AT
        )
        for account_id in (ONE, OTHER):
            TaskFactory.create(run=run, account_id=account_id, state=PART.PENDING)
        clock = TellingClock(FIRST_RUN_AT)
        raised = at_once(
            lambda: collect(run, ONE, clock),
            lambda: collect(run, OTHER, clock),
        )
        assert raised == [None, None]
        assert again(run).state == RUN.COMPLETE
        assert run.rows_opened == 2

    def test_an_account_delivered_twice_is_stored_once(self, sent, aws):
        connection = ConnectionFactory.create()
        run = InventoryRunFactory.create(
            connection=connection, state=RUN.RUNNING, started_at=FIRST_RUN_AT
        )
        TaskFactory.create(run=run, account_id=ONE, state=PART.PENDING, started_at=None)
        clock = TellingClock(FIRST_RUN_AT)
        raised = at_once(*[lambda: collect(run, ONE, clock)] * 2)
        assert raised == [None, None]
        assert aws.accounts_read == [ONE]
        assert len(set(aws.read)) == len(aws.read)
        assert again(run).rows_opened == Principal.objects.count() == 1

    def test_whoever_falls_silent_while_storing_is_undone_and_others_go_on(self, sent, settings):
        settings.INVENTORY_SILENT_SECONDS = 0.1
        connection = ConnectionFactory.create()
        frozen_stores, others_went_on = threading.Event(), threading.Event()

        def frozen():
            with transaction.atomic():
                lock_scope(connection, ONE, "iam")
                Connection.objects.update(name="half stored")
                frozen_stores.set()
                others_went_on.wait(timeout=20)
                Connection.objects.update(name="stored by whoever woke")

        def other():
            frozen_stores.wait(timeout=20)
            with transaction.atomic():
                lock_scope(connection, ONE, "iam")
                Connection.objects.update(name="stored")
            others_went_on.set()

        frozen_raised, other_raised = at_once(frozen, other)
        assert other_raised is None
        assert isinstance(frozen_raised, DatabaseError)
        assert again(connection).name == "stored"

    def test_a_run_that_is_failed_while_accounts_are_stored_does_not_lock_up(self, sent, aws):
        connection = ConnectionFactory.create()
        run = InventoryRunFactory.create(
            connection=connection, state=RUN.RUNNING, started_at=FIRST_RUN_AT
        )
        for account_id in (ONE, OTHER):
            TaskFactory.create(run=run, account_id=account_id, state=PART.PENDING)
        clock = TellingClock(FIRST_RUN_AT)
        raised = at_once(
            lambda: collect(run, ONE, clock),
            lambda: collect(run, OTHER, clock),
            lambda: ending.fail_run(run_id=run.pk, error="enough", now=FIRST_RUN_AT),
        )
        assert raised == [None, None, None]
        assert again(run).state in {RUN.FAILED, RUN.COMPLETE}
        stored = Principal.objects.count()
        assert run.tasks.filter(state=PART.COMPLETE).count() == stored
