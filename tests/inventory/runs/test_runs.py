"""The life of a run, with readings that the test makes up."""

from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError

from inventory.aws.errors import AwsReadDenied, AwsThrottled
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import Account, CollectionTask, Coverage, InventoryRun, Principal
from inventory.runs import ending, group_tasks, life, upkeep
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.inventory.runs.fake_aws import (
    CLOSED,
    ONE,
    OTHER,
    account,
    again,
    covered,
    latest,
    organization,
    part,
)

RUN = InventoryRun.State
PART = CollectionTask.State
# Its run and lease, its rows, its coverage, the next task, a savepoint about them.
_STATEMENTS_A_TASK = 15


class TestWholeRun:
    def test_reads_organization_and_active_accounts_to_the_end(self, aws, request_one, work):
        run = request_one()
        work.finish()
        assert again(run).state == RUN.COMPLETE
        assert run.finished_at == FIRST_RUN_AT
        assert aws.accounts_read == [ONE, OTHER]
        assert Account.objects.count() == 3
        assert Principal.objects.count() == 2

    def test_counts_the_rows_of_all_scopes_in_the_run(self, aws, request_one, work):
        run = request_one()
        work.finish()
        assert (again(run).rows_opened, run.rows_closed) == (1 + 3 + 2, 0)

    def test_opens_and_closes_nothing_the_second_time(self, aws, request_one, work, clock):
        request_one()
        work.finish()
        clock.now = SECOND_RUN_AT
        run = request_one()
        work.finish()
        assert (again(run).rows_opened, run.rows_closed) == (0, 0)

    def test_stores_what_is_as_before_in_few_statements(
        self, aws, request_one, work, clock, django_assert_max_num_queries
    ):
        request_one()
        work.finish()
        clock.now = SECOND_RUN_AT
        request_one()
        work.start()
        with django_assert_max_num_queries(_STATEMENTS_A_TASK):
            work.collect(*work.tasks.popleft())

    def test_skips_accounts_that_are_not_active_and_says_why(self, aws, request_one, work):
        run = request_one()
        work.finish()
        assert part(run, CLOSED).state == PART.SKIPPED
        coverage = Coverage.objects.filter(account_id=CLOSED)
        assert {row.collector for row in coverage} == {
            each.name for each in registry.collectors(Reader.ACCOUNT)
        }
        assert {row.state for row in coverage} == {Coverage.State.UNSUPPORTED}
        assert "SUSPENDED" in coverage[0].message

    def test_is_partial_when_an_account_is_denied(self, aws, request_one, work):
        aws.denies(OTHER)
        run = request_one()
        work.finish()
        assert again(run).state == RUN.PARTIAL
        assert part(run, OTHER).state == PART.FAILED
        coverage = Coverage.objects.filter(account_id=OTHER)
        assert {row.state for row in coverage} == {Coverage.State.DENIED}
        assert {row.remedy for row in coverage} == {"allow it"}

    def test_keeps_what_it_knew_of_an_account_that_is_denied(
        self, aws, request_one, work, clock, connection
    ):
        request_one()
        work.finish()
        clock.now = SECOND_RUN_AT
        aws.denies(OTHER)
        request_one()
        work.finish()
        assert Principal.objects.as_of(None).filter(account_id=OTHER).exists()
        row = latest(connection).get(account_id=OTHER, collector="iam.account_summary")
        assert row.last_complete_at == FIRST_RUN_AT

    def test_is_partial_when_one_collector_was_throttled(self, aws, request_one, work):
        aws.fails("iam.credential_report", AwsThrottled("slow down"), ONE)
        run = request_one()
        work.finish()
        assert part(run, ONE).state == PART.PARTIAL
        assert again(run).state == RUN.PARTIAL

    def test_remembers_whose_organization_it_is(self, aws, request_one, work, connection):
        request_one()
        work.finish()
        connection.refresh_from_db()
        assert (connection.organization_id, connection.management_account_id) == (
            "o-exampleorg1",
            ONE,
        )


class TestOrganizationThatCannotBeRead:
    @pytest.mark.parametrize(
        "collector",
        [each.name for each in registry.collectors(Reader.ORGANIZATION) if each.essential],
    )
    def test_fails_the_run_and_closes_nothing(self, aws, request_one, work, clock, collector):
        request_one()
        work.finish()
        clock.now = SECOND_RUN_AT
        aws.accounts = [account(ONE)]
        aws.fails(collector, AwsReadDenied("the reader may not", remedy="allow it"))
        run = request_one()
        work.finish()
        assert again(run).state == RUN.FAILED
        assert run.error == "the reader may not: allow it"
        assert Account.objects.as_of(None).count() == 3
        assert not run.tasks.exclude(account_id="").exists()
        denied = covered(run).get(collector=collector)
        assert (denied.account_id, denied.state) == ("", Coverage.State.DENIED)

    def test_fails_the_run_when_it_is_another_organization_now(self, aws, request_one, work, clock):
        request_one()
        work.finish()
        clock.now = SECOND_RUN_AT
        aws.organization = organization("o-other")
        run = request_one()
        work.finish()
        assert again(run).state == RUN.FAILED
        assert "o-other" in run.error
        assert Account.objects.as_of(None).count() == 3

    def test_goes_on_without_what_is_not_essential(self, aws, request_one, work):
        aws.fails("organizations.tags", AwsReadDenied("no tags"))
        run = request_one()
        work.finish()
        assert again(run).state == RUN.PARTIAL
        assert part(run, ONE).state == PART.COMPLETE

    def test_fails_the_run_and_raises_on_a_fault_of_its_own(self, request_one, work, monkeypatch):
        def fault(*_, **__):
            raise ZeroDivisionError("a fault")

        monkeypatch.setattr(life, "read_organization", fault)
        run = request_one()
        with pytest.raises(ZeroDivisionError):
            work.start()
        assert again(run).state == RUN.FAILED
        assert "a fault" in run.error


class TestSecondDelivery:
    def test_of_a_start_does_nothing(self, aws, request_one, work):
        run = request_one()
        work.start()
        work.starts.append(run.pk)
        sent = len(work.tasks)
        work.start()
        assert len(work.tasks) == sent

    def test_of_a_run_deleted_with_its_organization_does_nothing(self, aws, request_one, work):
        run = request_one()
        run.connection.delete()
        work.start()
        work.collect(run.pk, ONE)
        assert not InventoryRun.objects.exists()
        assert aws.accounts_read == []

    def test_of_a_done_account_does_nothing(self, aws, request_one, work):
        run = request_one()
        work.finish()
        work.collect(run.pk, ONE)
        assert Counter(aws.read).most_common(1)[0][1] == 1

    def test_of_an_account_that_a_worker_is_at_does_nothing(self, aws, request_one, work, clock):
        run = request_one()
        work.start()
        run.tasks.filter(account_id=ONE).update(
            state=PART.RUNNING, lease_until=clock() + timedelta(seconds=1)
        )
        work.collect(run.pk, ONE)
        assert aws.read == []

    def test_of_an_account_whose_worker_is_lost_reads_it(self, aws, request_one, work, clock):
        run = request_one()
        work.start()
        run.tasks.filter(account_id=ONE).update(
            state=PART.RUNNING, lease_until=clock() - timedelta(seconds=1)
        )
        work.collect(run.pk, ONE)
        assert part(run, ONE).state == PART.COMPLETE

    def test_of_a_start_whose_worker_was_lost_reads_the_organization_again(
        self, aws, request_one, work, clock, monkeypatch
    ):
        run = request_one()

        def lost(*_, **__):
            raise SystemExit("killed")

        with monkeypatch.context() as patched:
            patched.setattr(life, "read_organization", lost)
            with pytest.raises(SystemExit):
                work.start()
        started_at = again(run).started_at
        clock.now += timedelta(seconds=settings.INVENTORY_LEASE_SECONDS)
        work.starts.append(run.pk)
        work.finish()
        assert (again(run).state, run.started_at) == (RUN.COMPLETE, started_at)

    def test_stores_nothing_for_who_was_taken_over(
        self, aws, request_one, work, clock, monkeypatch
    ):
        run = request_one()
        work.start()

        def overtaken(connection, account_id, group, **given):
            run.tasks.filter(account_id=account_id, group=group).update(worker="another")
            return aws.read_group(connection, account_id, group, **given)

        monkeypatch.setattr(group_tasks, "read_group", overtaken)
        work.collect(run.pk, ONE)
        assert not Principal.objects.exists()
        assert part(run, ONE).state == PART.RUNNING

    def test_stores_no_organization_for_who_was_taken_over(
        self, aws, request_one, work, monkeypatch
    ):
        run = request_one()

        def overtaken(connection, **given):
            run.tasks.update(worker="another")
            return aws.read_organization(connection, **given)

        monkeypatch.setattr(life, "read_organization", overtaken)
        work.start()
        assert not Account.objects.exists()
        assert again(run).state == RUN.RUNNING

    @pytest.mark.parametrize("error", [OperationalError, InterfaceError])
    def test_leaves_a_run_to_be_taken_over_when_the_database_was_away(
        self, aws, request_one, work, clock, monkeypatch, error
    ):
        run = request_one()

        def away(*_, **__):
            raise error("the server closed the connection")

        with monkeypatch.context() as patched:
            patched.setattr(life, "_keep_organization", away)
            with pytest.raises(error):
                work.start()
        assert again(run).state == RUN.RUNNING
        clock.now += timedelta(seconds=settings.INVENTORY_MESSAGE_SECONDS)
        with work.capture(execute=True):
            upkeep.resume_runs(now=clock())
        work.finish()
        assert again(run).state == RUN.COMPLETE

    def test_of_an_account_after_the_run_failed_stores_nothing(self, aws, request_one, work, clock):
        run = request_one()
        work.start()
        ending.fail_run(run_id=run.pk, error="enough", now=clock())
        work.collect(run.pk, ONE)
        assert aws.read == []
        assert not Principal.objects.exists()

    def test_stores_nothing_when_the_run_ends_during_the_reading(
        self, aws, request_one, work, clock, monkeypatch
    ):
        run = request_one()
        work.start()

        def end_meanwhile(connection, account_id, group, **given):
            ending.fail_run(run_id=run.pk, error="enough", now=clock())
            return aws.read_group(connection, account_id, group, **given)

        monkeypatch.setattr(group_tasks, "read_group", end_meanwhile)
        work.collect(run.pk, ONE)
        assert not Principal.objects.exists()
        assert part(run, ONE).state == PART.FAILED


class TestTimes:
    def test_go_up_from_run_to_run_whatever_the_clock_says(self, aws, request_one, work, clock):
        first = request_one()
        work.finish()
        clock.now = FIRST_RUN_AT - timedelta(hours=1)
        second = request_one()
        work.finish()
        assert again(second).started_at > again(first).started_at
        assert second.state == RUN.COMPLETE
