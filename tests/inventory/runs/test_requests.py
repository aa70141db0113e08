"""Runs that are asked for: of everything, of what failed, of one account; and refusals."""

import pytest
from kombu.exceptions import OperationalError

from inventory.models import CollectionTask, InventoryRun
from inventory.runs import dispatch
from inventory.runs.requests import (
    AccountNotReadable,
    ConnectionDisabled,
    NothingToRetry,
    RunAlreadyActive,
    refresh_accounts,
    request_run,
    retry_failed_accounts,
)
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.times import SECOND_RUN_AT
from tests.inventory.runs.fake_aws import ONE, OTHER, again, covered

RUN = InventoryRun.State
PART = CollectionTask.State


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

    def test_keeps_the_run_queued_while_the_broker_is_away(self, request_one, monkeypatch):
        def refuse(run_id):
            raise OperationalError("connection refused")

        monkeypatch.setattr(dispatch, "send_start", refuse)
        run = again(request_one())
        assert (run.state, run.sent_at) == (RUN.QUEUED, None)


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
        assert aws.accounts_read == [OTHER]
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
            run = refresh_accounts(connection=connection, account_ids=[ONE], now=clock())
        work.finish()
        assert aws.accounts_read == [ONE]
        assert again(run).state == RUN.COMPLETE
        assert not covered(run).filter(account_id="").exists()

    @pytest.mark.parametrize("state", ["SUSPENDED", "CLOSED"])
    def test_refuses_an_account_that_is_not_active(self, connection, work, clock, state):
        AccountFactory.create(connection=connection, account_id=ONE, state=state)
        with pytest.raises(AccountNotReadable):
            refresh_accounts(connection=connection, account_ids=[ONE], now=clock())

    def test_refuses_an_account_of_another_organization(self, connection, work, clock):
        AccountFactory.create(account_id=ONE)
        with pytest.raises(AccountNotReadable):
            refresh_accounts(connection=connection, account_ids=[ONE], now=clock())
