"""Schedules, and runs whose worker or message is lost."""

from datetime import timedelta

import pytest
from django.conf import settings

from inventory.models import CollectionTask, Coverage, InventoryRun
from inventory.runs import upkeep
from tests.factories.connections import ConnectionFactory
from tests.factories.runs import InventoryRunFactory, TaskFactory
from tests.factories.times import FIRST_RUN_AT

RUN = InventoryRun.State
PART = CollectionTask.State
LONG = timedelta(seconds=settings.INVENTORY_LOST_AFTER_SECONDS + 1)
ACCOUNT_ID = "222222222222"


class TestStartDueRuns:
    def due(self, now=FIRST_RUN_AT):
        return upkeep.start_due_runs(now=now)

    def test_starts_a_connection_that_was_never_read(self, work):
        connection = ConnectionFactory.create()
        [run] = self.due()
        assert (run.connection, run.trigger) == (connection, InventoryRun.Trigger.SCHEDULE)

    @pytest.mark.parametrize(("minutes", "due"), [(59, 0), (60, 1)])
    def test_waits_for_the_minutes_of_the_schedule(self, work, minutes, due):
        InventoryRunFactory.create(requested_at=FIRST_RUN_AT)
        assert len(self.due(FIRST_RUN_AT + timedelta(minutes=minutes))) == due

    def test_does_not_count_the_refresh_of_an_account_as_a_run_of_everything(self, work):
        old = FIRST_RUN_AT - timedelta(days=1)
        run = InventoryRunFactory.create(requested_at=old)
        InventoryRunFactory.create(
            connection=run.connection, requested_at=FIRST_RUN_AT, account_ids=[ACCOUNT_ID]
        )
        assert len(self.due()) == 1

    def test_starts_nothing_where_there_is_no_schedule_or_the_connection_is_off(self, work):
        ConnectionFactory.create(schedule_minutes=0)
        ConnectionFactory.create(enabled=False)
        assert self.due() == []

    def test_lets_an_active_run_go_on_and_starts_the_others(self, work):
        old = FIRST_RUN_AT - timedelta(days=1)
        busy = InventoryRunFactory.create(
            requested_at=old, state=RUN.RUNNING, account_ids=[ACCOUNT_ID]
        )
        free = ConnectionFactory.create()
        assert [run.connection for run in self.due()] == [free]
        assert busy.connection.runs.count() == 1


class TestCloseLostRuns:
    def close(self, work, now):
        with work.capture(execute=True):
            upkeep.close_lost_runs(now=now)

    def running(self, **values):
        return InventoryRunFactory.create(state=RUN.RUNNING, started_at=FIRST_RUN_AT, **values)

    def test_fails_a_run_that_no_worker_began(self, work):
        run = InventoryRunFactory.create(
            state=RUN.QUEUED, started_at=None, requested_at=FIRST_RUN_AT
        )
        self.close(work, FIRST_RUN_AT + timedelta(minutes=1))
        run.refresh_from_db()
        assert run.state == RUN.QUEUED
        self.close(work, FIRST_RUN_AT + LONG)
        run.refresh_from_db()
        assert run.state == RUN.FAILED
        assert "queue `inventory`" in run.error

    def test_fails_a_run_whose_organization_worker_is_gone(self, work):
        run = self.running()
        self.close(work, FIRST_RUN_AT + timedelta(minutes=30))
        run.refresh_from_db()
        assert run.state == RUN.RUNNING
        self.close(work, FIRST_RUN_AT + timedelta(minutes=50))
        run.refresh_from_db()
        assert run.state == RUN.FAILED

    def test_queues_an_account_again_whose_worker_is_gone(self, work):
        run = self.running()
        part = TaskFactory.create(run=run, account_id=ACCOUNT_ID, state=PART.RUNNING, attempts=1)
        self.close(work, FIRST_RUN_AT + timedelta(minutes=10))
        part.refresh_from_db()
        assert part.state == PART.PENDING
        assert list(work.tasks) == [(run.pk, ACCOUNT_ID, "iam")]

    def test_leaves_an_account_alone_that_is_being_read(self, work):
        part = TaskFactory.create(run=self.running(), state=PART.RUNNING, attempts=1)
        self.close(work, FIRST_RUN_AT + timedelta(minutes=5))
        part.refresh_from_db()
        assert (part.state, len(work.tasks)) == (PART.RUNNING, 0)

    def test_fails_an_account_whose_workers_were_lost_too_often_and_ends_the_run(self, work):
        run = self.running()
        part = TaskFactory.create(
            run=run,
            account_id=ACCOUNT_ID,
            state=PART.RUNNING,
            attempts=settings.INVENTORY_ACCOUNT_ATTEMPTS,
        )
        self.close(work, FIRST_RUN_AT + timedelta(minutes=10))
        part.refresh_from_db()
        run.refresh_from_db()
        assert (part.state, run.state) == (PART.FAILED, RUN.PARTIAL)
        coverage = Coverage.objects.filter(account_id=ACCOUNT_ID)
        assert {row.error_code for row in coverage} == {"WorkerLost"}

    def test_queues_waiting_accounts_again_when_nothing_moves(self, work):
        run = self.running()
        TaskFactory.create(
            run=run,
            account_id=ACCOUNT_ID,
            state=PART.PENDING,
            sent_at=FIRST_RUN_AT,
            started_at=None,
            finished_at=None,
        )
        self.close(work, FIRST_RUN_AT + timedelta(minutes=5))
        assert not work.tasks
        self.close(work, FIRST_RUN_AT + LONG)
        assert list(work.tasks) == [(run.pk, ACCOUNT_ID, "iam")]
        self.close(work, FIRST_RUN_AT + LONG + timedelta(minutes=1))
        assert len(work.tasks) == 1

    def test_lets_accounts_wait_while_others_move(self, work):
        run = self.running()
        TaskFactory.create(
            run=run, state=PART.PENDING, sent_at=FIRST_RUN_AT, started_at=None, finished_at=None
        )
        TaskFactory.create(run=run, finished_at=FIRST_RUN_AT + LONG)
        self.close(work, FIRST_RUN_AT + LONG + timedelta(minutes=1))
        assert not work.tasks

    def test_ends_a_run_whose_accounts_are_all_done(self, work):
        run = self.running()
        TaskFactory.create(run=run)
        self.close(work, FIRST_RUN_AT + timedelta(minutes=1))
        run.refresh_from_db()
        assert run.state == RUN.COMPLETE
