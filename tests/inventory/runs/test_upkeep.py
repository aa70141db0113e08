"""Schedules, and runs whose worker or message is lost."""

import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from kombu.exceptions import OperationalError

from inventory.models import CollectionTask, Coverage, InventoryRun
from inventory.runs import dispatch, ending, leases, upkeep
from tests.factories.connections import ConnectionFactory
from tests.factories.runs import InventoryRunFactory, TaskFactory
from tests.factories.times import FIRST_RUN_AT

RUN = InventoryRun.State
PART = CollectionTask.State
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


LEASE = timedelta(seconds=settings.INVENTORY_LEASE_SECONDS)
MESSAGE = timedelta(seconds=settings.INVENTORY_MESSAGE_SECONDS)
BACK_OFF = timedelta(seconds=settings.INVENTORY_BACK_OFF_SECONDS)
SECOND = timedelta(seconds=1)


@pytest.fixture
def resume(work):
    def resume(now):
        with work.capture(execute=True):
            upkeep.resume_runs(now=now)

    return resume


def running(**values):
    return InventoryRunFactory.create(state=RUN.RUNNING, started_at=FIRST_RUN_AT, **values)


def task(run, state=PART.RUNNING, *, account_id=ACCOUNT_ID, attempts=1, **values):
    if state == PART.RUNNING:
        values = {"worker": "w", "lease_until": FIRST_RUN_AT + LEASE} | values
    return TaskFactory.create(
        run=run,
        account_id=account_id,
        state=state,
        attempts=attempts,
        **({"finished_at": None} | values),
    )


def again(row):
    row.refresh_from_db()
    return row


class TestARunThatIsQueued:
    def queued(self):
        return InventoryRunFactory.create(
            state=RUN.QUEUED, started_at=None, requested_at=FIRST_RUN_AT
        )

    def test_never_fails_because_others_wait(self, work, resume):
        run = self.queued()
        resume(FIRST_RUN_AT + timedelta(days=1))
        assert again(run).state == RUN.QUEUED

    def test_is_sent_again_when_nobody_took_the_message_in_its_time(self, work, resume):
        run = self.queued()
        resume(FIRST_RUN_AT)
        resume(FIRST_RUN_AT + MESSAGE - SECOND)
        assert list(work.starts) == [run.pk]
        resume(FIRST_RUN_AT + MESSAGE)
        assert list(work.starts) == [run.pk, run.pk]

    def test_waits_for_a_broker_that_is_away_and_goes_on_after(self, work, monkeypatch, resume):
        run, other = self.queued(), self.queued()

        def away(run_id):
            raise OperationalError("the broker is away")

        with monkeypatch.context() as patched:
            patched.setattr(dispatch, "send_start", away)
            resume(FIRST_RUN_AT)
        assert {again(run).state, again(other).state} == {RUN.QUEUED}
        resume(FIRST_RUN_AT + SECOND)
        assert sorted(work.starts) == sorted([run.pk, other.pk])


class TestARunWhoseOrganizationIsRead:
    def reading(self, attempts=1):
        run = running()
        task(run, account_id="", attempts=attempts, started_at=FIRST_RUN_AT)
        return run

    def test_is_left_alone_while_its_lease_lasts(self, work, resume):
        run = self.reading()
        resume(FIRST_RUN_AT + LEASE - SECOND)
        assert (again(run).state, len(work.starts)) == (RUN.RUNNING, 0)

    def test_is_begun_again_when_its_worker_is_gone(self, work, resume):
        run = self.reading()
        resume(FIRST_RUN_AT + LEASE)
        assert list(work.starts) == [run.pk]

    def test_is_begun_again_although_its_first_message_was_sent_a_moment_ago(self, work, resume):
        run = self.reading()
        InventoryRun.objects.update(sent_at=FIRST_RUN_AT - SECOND)
        resume(FIRST_RUN_AT + LEASE)
        assert list(work.starts) == [run.pk]
        resume(FIRST_RUN_AT + LEASE + SECOND)
        assert list(work.starts) == [run.pk]

    def test_fails_when_workers_were_lost_too_often(self, work, resume):
        run = self.reading(attempts=settings.INVENTORY_ATTEMPTS)
        resume(FIRST_RUN_AT + LEASE)
        assert again(run).state == RUN.FAILED
        assert f"was lost {settings.INVENTORY_ATTEMPTS} times" in run.error


class TestATask:
    def test_is_queued_again_when_its_worker_is_gone(self, work, resume):
        run = running(tasks_total=1)
        lost = task(run)
        resume(FIRST_RUN_AT + LEASE - SECOND)
        assert (again(lost).state, len(work.tasks)) == (PART.RUNNING, 0)
        resume(FIRST_RUN_AT + LEASE)
        assert again(lost).state == PART.PENDING
        assert list(work.tasks) == [(run.pk, ACCOUNT_ID, "iam")]

    def test_waits_the_longer_the_more_often_it_lost_its_worker(self, work, resume):
        lost = task(running(tasks_total=1), attempts=2)
        resume(FIRST_RUN_AT + LEASE)
        assert again(lost).lease_until == FIRST_RUN_AT + LEASE + BACK_OFF
        assert not work.tasks
        resume(FIRST_RUN_AT + LEASE + BACK_OFF)
        assert len(work.tasks) == 1

    def test_fails_when_workers_were_lost_too_often_and_the_run_ends(self, work, resume):
        run = running(tasks_total=1)
        poisoned = task(run, attempts=settings.INVENTORY_ATTEMPTS)
        resume(FIRST_RUN_AT + LEASE)
        assert (again(poisoned).state, again(run).state) == (PART.FAILED, RUN.PARTIAL)
        coverage = Coverage.objects.filter(account_id=ACCOUNT_ID)
        assert {row.error_code for row in coverage} == {"WorkerLost"}

    def test_is_sent_again_when_nobody_took_the_message_in_its_time(self, work, resume):
        run = running(tasks_total=1)
        task(run, PART.PENDING, attempts=0, sent_at=FIRST_RUN_AT, started_at=None)
        resume(FIRST_RUN_AT + MESSAGE - SECOND)
        assert not work.tasks
        resume(FIRST_RUN_AT + MESSAGE)
        assert list(work.tasks) == [(run.pk, ACCOUNT_ID, "iam")]

    def test_that_is_done_ends_its_run(self, work, resume):
        run = running(tasks_total=1)
        task(run, PART.COMPLETE, finished_at=FIRST_RUN_AT)
        resume(FIRST_RUN_AT)
        assert again(run).state == RUN.COMPLETE


class TestOneRun:
    def test_that_cannot_be_resumed_keeps_no_other_from_going_on(self, work, resume, monkeypatch):
        broken, lost = running(tasks_total=1), running(tasks_total=1)
        task(broken, PART.COMPLETE, finished_at=FIRST_RUN_AT)
        task(lost, account_id="333333333333")

        def counting(run):
            raise ValueError(f"run {run.pk} cannot be counted")

        monkeypatch.setattr(ending, "count_run", counting)
        resume(FIRST_RUN_AT + LEASE)
        assert again(broken).state == RUN.RUNNING
        assert list(work.tasks) == [(lost.pk, "333333333333", "iam")]


class TestTheQueue:
    def test_holds_so_many_tasks_of_a_run_at_once_and_no_more(self, work, resume, settings):
        settings.INVENTORY_TASKS_AT_ONCE = 3
        run = running(tasks_total=10)
        for number in range(10):
            task(run, PART.PENDING, account_id=f"{number:012}", attempts=0, started_at=None)
        resume(FIRST_RUN_AT)
        resume(FIRST_RUN_AT + SECOND)
        assert [account_id for _, account_id, _ in work.tasks] == [
            f"{number:012}" for number in range(3)
        ]

    def test_counts_those_that_are_being_read(self, work, resume, settings):
        settings.INVENTORY_TASKS_AT_ONCE = 3
        run = running(tasks_total=4)
        task(run, account_id="000000000001")
        for number in (2, 3, 4):
            task(run, PART.PENDING, account_id=f"{number:012}", attempts=0, started_at=None)
        resume(FIRST_RUN_AT)
        assert len(work.tasks) == 2


class TestLeases:
    def test_are_renewed_while_the_work_goes_on(self, db):
        held = task(running())
        assert leases.renew("w", connection_id=held.connection_id, now=FIRST_RUN_AT + SECOND) == 1
        assert again(held).lease_until == FIRST_RUN_AT + SECOND + LEASE
        assert again(held).heartbeat_at == FIRST_RUN_AT + SECOND

    def test_are_not_renewed_once_another_holds_the_task(self, db):
        held = task(running(), worker="another")
        assert leases.renew("w", connection_id=held.connection_id, now=FIRST_RUN_AT) == 0

    def test_have_holders_that_differ_each_time(self):
        assert leases.new_holder() != leases.new_holder()
        assert len(leases.new_holder()) <= 120

    @pytest.mark.django_db(transaction=True)
    def test_are_renewed_by_a_thread_and_through_a_database_that_was_away(
        self, settings, monkeypatch
    ):
        settings.INVENTORY_HEARTBEAT_SECONDS = 0.02
        held = task(running())
        tries = []
        renewing = leases.renew

        def away_at_first(*given, **more):
            tries.append(given)
            if len(tries) < 3:
                raise [DatabaseError("away"), InterfaceError("closed")][len(tries) - 1]
            return renewing(*given, **more)

        monkeypatch.setattr(leases, "renew", away_at_first)
        with leases.renewed("w", connection_id=held.connection_id):
            for _ in range(500):
                if len(tries) > 3:
                    break
                time.sleep(0.01)
        assert again(held).heartbeat_at is not None
