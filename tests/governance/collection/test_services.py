"""Connections and runs that people ask for: who asked is known, and refusals change nothing."""

import logging
from dataclasses import replace

import pytest

from governance.collection.connections import (
    ConnectionInvalid,
    ConnectionSettings,
    connection_change,
    connection_connect,
    connection_switch,
)
from governance.collection.runs import (
    RunAlreadyActive,
    RunRefused,
    account_collect,
    run_retry,
    run_start,
)
from inventory.models import Connection, InventoryRun
from inventory.runs import dispatch
from tests.factories.connections import ConnectionFactory
from tests.factories.edits import NOW
from tests.factories.people import UserFactory

SETTINGS = ConnectionSettings(
    name="Acme",
    organization_role_arn="arn:aws:iam::111111111111:role/OrgwardenOrganizationReader",
    audit_role_name="OrgwardenAudit",
    external_id="orgwarden-tests",
    home_region="us-east-1",
    regions=("eu-west-2",),
    endpoint_url="",
    schedule_minutes=60,
    enabled=True,
)


@pytest.fixture
def actor(db):
    return UserFactory.create()


@pytest.fixture
def logged(caplog):
    """Return a function that returns the lines logged so far."""
    caplog.set_level(logging.INFO, logger="governance.collection")
    return lambda: [record.getMessage() for record in caplog.records]


class TestConnections:
    def test_each_change_is_logged_with_who_made_it(self, actor, logged):
        made = connection_connect(actor=actor, settings=SETTINGS)
        connection_change(
            actor=actor, connection_id=made.pk, settings=replace(SETTINGS, name="Acme Ltd")
        )
        connection_switch(actor=actor, connection_id=made.pk, enabled=False)
        stored = Connection.objects.get()
        assert (stored.name, stored.slug, stored.enabled) == ("Acme Ltd", "acme", False)
        assert logged() == [
            f"user {actor.pk} connects acme",
            f"user {actor.pk} changes the connection acme",
            f"user {actor.pk} switches the connection acme off",
        ]

    def test_a_wrong_setting_is_refused_by_field_and_nothing_is_stored(self, actor, logged):
        with pytest.raises(ConnectionInvalid) as refused:
            connection_connect(actor=actor, settings=replace(SETTINGS, regions=("nowhere",)))
        assert list(refused.value.fields) == ["regions"]
        assert not Connection.objects.exists()
        assert logged() == []


class TestRuns:
    @pytest.fixture(autouse=True)
    def sent(self, monkeypatch):
        """Ids of the runs that were queued."""
        ids: list[int] = []
        monkeypatch.setattr(dispatch, "send_start", ids.append)
        return ids

    def start(self, actor, connection):
        return run_start(
            actor=actor, connection=connection, trigger=InventoryRun.Trigger.BUTTON, now=NOW
        )

    def test_a_run_names_who_asked_for_it_and_is_queued_on_commit(
        self, actor, sent, logged, django_capture_on_commit_callbacks
    ):
        connection = ConnectionFactory.create()
        with django_capture_on_commit_callbacks(execute=True):
            run = self.start(actor, connection)
            assert sent == []
        assert sent == [run.pk]
        assert run.requested_by == actor
        assert logged() == [f"user {actor.pk} asks for run {run.pk} of {connection.slug}"]

    def test_a_second_run_is_refused_and_the_database_stays_usable(self, actor):
        connection = ConnectionFactory.create()
        first = self.start(actor, connection)
        with pytest.raises(RunAlreadyActive) as refused:
            self.start(actor, connection)
        assert refused.value.run == first
        assert InventoryRun.objects.count() == 1

    def test_retrying_an_active_run_and_collecting_an_unknown_account_are_refused(self, actor):
        connection = ConnectionFactory.create()
        run = self.start(actor, connection)
        with pytest.raises(RunAlreadyActive):
            run_retry(actor=actor, run=run, now=NOW)
        with pytest.raises(RunRefused, match="999999999999"):
            account_collect(actor=actor, connection=connection, account_id="999999999999", now=NOW)
