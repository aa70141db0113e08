"""The life of a run, with readings that the test makes up."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from kombu.exceptions import OperationalError

from inventory import dispatch, run_requests, runs
from inventory.aws.client import CallLog
from inventory.aws.errors import AwsReadDenied, AwsThrottled
from inventory.collectors import registry
from inventory.collectors.collector import Scope
from inventory.models import Account, Coverage, InventoryRun, Principal, RunAccount
from inventory.reading import Outcome
from inventory.records import AccountRecord, OrganizationRecord, PrincipalRecord
from inventory.run_requests import (
    AccountNotReadable,
    ConnectionDisabled,
    NothingToRetry,
    RunAlreadyActive,
    refresh_account,
    request_run,
    retry_failed_accounts,
)
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.runs import InventoryRunFactory, RunAccountFactory
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.inventory.work import TellingClock

RUN = InventoryRun.State
PART = RunAccount.State
ONE, OTHER, CLOSED = "111111111111", "222222222222", "333333333333"


def account(account_id, state="ACTIVE"):
    return AccountRecord(
        account_id, account_id, "a@example.org", "arn", state, "r-ab12", "r-ab12/", "CREATED", None
    )


def organization(organization_id="o-exampleorg1"):
    return OrganizationRecord(organization_id, "arn", "ALL", ONE, "arn", "a@example.org")


class FakeAws:
    """What reading gives: records and errors by collector, in place of AWS."""

    def __init__(self, clock):
        self.clock = clock
        self.accounts = [account(ONE), account(OTHER), account(CLOSED, "SUSPENDED")]
        self.organization = organization()
        self.errors = {}
        self.read = []

    def read_organization(self, connection, *, run_id, clock):
        records = {
            "organizations.organization": (self.organization,),
            "organizations.accounts": tuple(self.accounts),
        }
        return self._outcomes(Scope.ORGANIZATION, records, "")

    def read_account(self, connection, account_id, *, run_id, clock):
        self.read.append(account_id)
        role = PrincipalRecord(
            "role", f"arn:aws:iam::{account_id}:role/a", "a", "/", "AROA", None, "{}", "", (), {}
        )
        return self._outcomes(Scope.ACCOUNT, {"iam.authorization_details": (role,)}, account_id)

    def fails(self, collector, error, account_id=""):
        self.errors[account_id, collector] = error

    def denies(self, account_id):
        for each in registry.collectors(Scope.ACCOUNT):
            self.fails(each.name, AwsReadDenied("denied", remedy="allow it"), account_id)

    def _outcomes(self, scope, records, account_id):
        return [
            Outcome(
                collector,
                ()
                if (account_id, collector.name) in self.errors
                else records.get(collector.name, ()),
                self.errors.get((account_id, collector.name)),
                CallLog(),
                0.1,
                self.clock(),
            )
            for collector in registry.collectors(scope)
        ]


@pytest.fixture
def aws(clock, monkeypatch):
    aws = FakeAws(clock)
    monkeypatch.setattr(runs, "read_organization", aws.read_organization)
    monkeypatch.setattr(runs, "read_account", aws.read_account)
    return aws


@pytest.fixture
def connection(db):
    return ConnectionFactory.create(organization_id="", management_account_id="")


@pytest.fixture
def request_one(work, connection, clock):
    def request(**values):
        with work.capture(execute=True):
            return request_run(
                connection=connection,
                trigger=InventoryRun.Trigger.BUTTON,
                now=clock(),
                **values,
            )

    return request


def again(run):
    run.refresh_from_db()
    return run


def part(run, account_id):
    return run.accounts.get(account_id=account_id)


class TestRequestRun:
    def test_queues_the_run(self, request_one, work):
        run = request_one()
        assert (run.state, list(work.starts)) == (RUN.QUEUED, [run.pk])

    def test_refuses_a_second_run_of_the_organization_and_names_the_first(self, request_one, work):
        first = request_one()
        with pytest.raises(RunAlreadyActive, match=f"run {first.pk} .* is queued") as refused:
            request_one()
        assert refused.value.run == first
        assert len(work.starts) == 1

    def test_lets_another_organization_be_read_at_the_same_time(self, request_one, clock):
        request_one()
        other = request_run(
            connection=ConnectionFactory.create(),
            trigger=InventoryRun.Trigger.API,
            now=clock(),
        )
        assert other.state == RUN.QUEUED

    def test_refuses_a_connection_that_is_off(self, connection, request_one):
        connection.enabled = False
        with pytest.raises(ConnectionDisabled, match="switch it on"):
            request_one()

    def test_fails_the_run_when_it_cannot_be_queued(self, request_one, monkeypatch):
        def refuse(run_id):
            raise OperationalError("connection refused")

        monkeypatch.setattr(dispatch, "send_start", refuse)
        run = again(request_one())
        assert run.state == RUN.FAILED
        assert "connection refused; check that the broker is up" in run.error


class TestWholeRun:
    def test_reads_organization_and_active_accounts_to_the_end(self, aws, request_one, work):
        run = request_one()
        work.finish()
        assert again(run).state == RUN.COMPLETE
        assert run.finished_at == FIRST_RUN_AT
        assert aws.read == [ONE, OTHER]
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

    def test_skips_accounts_that_are_not_active_and_says_why(self, aws, request_one, work):
        run = request_one()
        work.finish()
        assert part(run, CLOSED).state == PART.SKIPPED
        coverage = Coverage.objects.filter(account_id=CLOSED)
        assert coverage.count() == len(registry.collectors(Scope.ACCOUNT))
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

    def test_keeps_what_it_knew_of_an_account_that_is_denied(self, aws, request_one, work, clock):
        request_one()
        work.finish()
        clock.now = SECOND_RUN_AT
        aws.denies(OTHER)
        request_one()
        work.finish()
        assert Principal.objects.as_of(None).filter(account_id=OTHER).exists()
        row = Coverage.objects.get(
            account_id=OTHER, collector="iam.account_summary", is_latest=True
        )
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
        [each.name for each in registry.collectors(Scope.ORGANIZATION) if each.essential],
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
        assert not run.accounts.exists()
        denied = run.coverage.get(collector=collector)
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

        monkeypatch.setattr(runs, "read_organization", fault)
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
        sent = len(work.accounts)
        work.start()
        assert len(work.accounts) == sent

    def test_of_a_done_account_does_nothing(self, aws, request_one, work):
        run = request_one()
        work.finish()
        work.collect(run.pk, ONE)
        assert aws.read.count(ONE) == 1

    def test_of_an_account_that_a_worker_is_at_does_nothing(self, aws, request_one, work, clock):
        run = request_one()
        work.start()
        run.accounts.filter(account_id=ONE).update(state=PART.RUNNING, started_at=clock())
        work.collect(run.pk, ONE)
        assert aws.read == []

    def test_of_an_account_whose_worker_is_lost_reads_it(self, aws, request_one, work, clock):
        run = request_one()
        work.start()
        run.accounts.filter(account_id=ONE).update(
            state=PART.RUNNING, started_at=clock() - timedelta(hours=1)
        )
        work.collect(run.pk, ONE)
        assert part(run, ONE).state == PART.COMPLETE

    def test_of_an_account_after_the_run_failed_stores_nothing(self, aws, request_one, work, clock):
        run = request_one()
        work.start()
        runs.fail_run(run_id=run.pk, error="enough", now=clock())
        work.collect(run.pk, ONE)
        assert aws.read == []
        assert not Principal.objects.exists()

    def test_stores_nothing_when_the_run_ends_during_the_reading(
        self, aws, request_one, work, clock, monkeypatch
    ):
        run = request_one()
        work.start()

        def end_meanwhile(connection, account_id, **given):
            runs.fail_run(run_id=run.pk, error="enough", now=clock())
            return aws.read_account(connection, account_id, **given)

        monkeypatch.setattr(runs, "read_account", end_meanwhile)
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


class TestRetry:
    def test_reads_only_the_accounts_that_failed(self, aws, request_one, work, clock):
        aws.denies(OTHER)
        run = request_one()
        work.finish()
        aws.errors.clear()
        aws.read.clear()
        clock.now = SECOND_RUN_AT
        with work.capture(execute=True):
            retry = retry_failed_accounts(run=again(run), now=clock())
        work.finish()
        assert aws.read == [OTHER]
        assert again(retry).state == RUN.COMPLETE
        assert retry.trigger == InventoryRun.Trigger.RETRY
        assert retry.account_ids == [OTHER]

    def test_fails_when_none_of_its_accounts_could_be_read(self, aws, request_one, work, clock):
        aws.denies(OTHER)
        run = request_one()
        work.finish()
        with work.capture(execute=True):
            retry = retry_failed_accounts(run=again(run), now=clock())
        work.finish()
        assert again(retry).state == RUN.FAILED
        assert "none of the accounts" in retry.error

    def test_refuses_when_nothing_failed(self, aws, request_one, work, clock):
        run = request_one()
        work.finish()
        with pytest.raises(NothingToRetry):
            retry_failed_accounts(run=again(run), now=clock())

    def test_refuses_while_the_run_goes_on(self, aws, request_one, work, clock):
        run = request_one()
        with pytest.raises(RunAlreadyActive):
            retry_failed_accounts(run=run, now=clock())


class TestRefresh:
    def test_reads_one_account_without_the_organization(self, aws, connection, work, clock):
        AccountFactory.create(connection=connection, account_id=ONE)
        with work.capture(execute=True):
            run = refresh_account(connection=connection, account_id=ONE, now=clock())
        work.finish()
        assert aws.read == [ONE]
        assert again(run).state == RUN.COMPLETE
        assert not run.coverage.filter(account_id="").exists()

    @pytest.mark.parametrize("state", ["SUSPENDED", "CLOSED"])
    def test_refuses_an_account_that_is_not_active(self, connection, work, clock, state):
        AccountFactory.create(connection=connection, account_id=ONE, state=state)
        with pytest.raises(AccountNotReadable):
            refresh_account(connection=connection, account_id=ONE, now=clock())

    def test_refuses_an_account_of_another_organization(self, connection, work, clock):
        AccountFactory.create(account_id=ONE)
        with pytest.raises(AccountNotReadable):
            refresh_account(connection=connection, account_id=ONE, now=clock())


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
        monkeypatch.setattr(dispatch, "send_accounts", lambda run_id, ids: sent.extend(ids))
        return sent

    def test_only_one_of_many_requests_gets_a_run(self, sent):
        connection = ConnectionFactory.create()

        def ask():
            run_requests.request_run(
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
            RunAccountFactory.create(run=run, account_id=account_id, state=PART.PENDING)
        clock = TellingClock(FIRST_RUN_AT)
        raised = at_once(
            lambda: runs.collect_account(run_id=run.pk, account_id=ONE, clock=clock),
            lambda: runs.collect_account(run_id=run.pk, account_id=OTHER, clock=clock),
        )
        assert raised == [None, None]
        assert again(run).state == RUN.COMPLETE
        assert run.rows_opened == 2

    def test_an_account_delivered_twice_is_stored_once(self, sent, aws):
        connection = ConnectionFactory.create()
        run = InventoryRunFactory.create(
            connection=connection, state=RUN.RUNNING, started_at=FIRST_RUN_AT
        )
        RunAccountFactory.create(run=run, account_id=ONE, state=PART.PENDING, started_at=None)
        clock = TellingClock(FIRST_RUN_AT)
        raised = at_once(
            *[lambda: runs.collect_account(run_id=run.pk, account_id=ONE, clock=clock)] * 2
        )
        assert raised == [None, None]
        assert aws.read == [ONE]
        assert again(run).rows_opened == Principal.objects.count() == 1

    def test_a_run_that_is_failed_while_accounts_are_stored_does_not_lock_up(self, sent, aws):
        connection = ConnectionFactory.create()
        run = InventoryRunFactory.create(
            connection=connection, state=RUN.RUNNING, started_at=FIRST_RUN_AT
        )
        for account_id in (ONE, OTHER):
            RunAccountFactory.create(run=run, account_id=account_id, state=PART.PENDING)
        clock = TellingClock(FIRST_RUN_AT)
        raised = at_once(
            lambda: runs.collect_account(run_id=run.pk, account_id=ONE, clock=clock),
            lambda: runs.collect_account(run_id=run.pk, account_id=OTHER, clock=clock),
            lambda: runs.fail_run(run_id=run.pk, error="enough", now=FIRST_RUN_AT),
        )
        assert raised == [None, None, None]
        assert again(run).state in {RUN.FAILED, RUN.COMPLETE}
        stored = Principal.objects.count()
        assert run.accounts.filter(state=PART.COMPLETE).count() == stored
