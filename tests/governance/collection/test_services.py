"""Connections and runs that people ask for: each is on record, and refusals change nothing."""

from dataclasses import replace

import pytest

from governance.access.actors import user_actor
from governance.audit.models import AuditEntry
from governance.collection import connection_tests
from governance.collection.connection_tests import (
    Check,
    CheckState,
    ConnectionReport,
    connection_test,
)
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
    accounts_collect,
    run_cancel,
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
def somebody(db):
    return UserFactory.create(username="sam")


@pytest.fixture
def actor(somebody):
    return user_actor(somebody)


def recorded():
    """Return what the audit log holds, the first first: act, object, before and after."""
    return list(
        AuditEntry.objects.order_by("pk").values_list("action", "object_name", "before", "after")
    )


class TestConnections:
    def test_each_change_is_on_record_with_what_it_changed(self, actor):
        made = connection_connect(actor=actor, settings=SETTINGS, now=NOW)
        connection_change(
            actor=actor,
            connection_id=made.pk,
            settings=replace(SETTINGS, name="Acme Ltd", schedule_minutes=30),
            now=NOW,
        )
        connection_switch(actor=actor, connection_id=made.pk, enabled=False, now=NOW)
        stored = Connection.objects.get()
        assert (stored.name, stored.slug, stored.enabled) == ("Acme Ltd", "acme", False)
        first, *later = recorded()
        assert first[:3] == ("connection.connect", "Acme", None)
        assert first[3]["external_id"] == "orgwarden-tests"
        assert later == [
            (
                "connection.change",
                "Acme Ltd",
                {"name": "Acme", "schedule_minutes": 60},
                {"name": "Acme Ltd", "schedule_minutes": 30},
            ),
            ("connection.switch", "Acme Ltd", {"enabled": True}, {"enabled": False}),
        ]
        entries = AuditEntry.objects.all()
        assert {(one.actor_id, one.actor_name, one.connection_id) for one in entries} == {
            (actor.user_id, "sam", made.pk)
        }

    def test_a_wrong_setting_is_refused_by_field_and_nothing_is_stored(self, actor):
        with pytest.raises(ConnectionInvalid) as refused:
            connection_connect(
                actor=actor, settings=replace(SETTINGS, regions=("nowhere",)), now=NOW
            )
        assert list(refused.value.fields) == ["regions"]
        assert not Connection.objects.exists()
        assert recorded() == []

    def test_a_test_is_on_record_with_what_did_not_pass(self, actor, monkeypatch):
        checks = [
            Check("sts:GetCallerIdentity", "", CheckState.PASSED),
            Check("sts:AssumeRole", "", CheckState.DENIED, message="refused", remedy="deploy it"),
        ]
        report = ConnectionReport(checks=checks)
        monkeypatch.setattr(connection_tests, "check_connection", lambda _: report)
        connection = ConnectionFactory.create()
        assert connection_test(actor=actor, connection=connection, now=NOW) is report
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.outcome) == ("connection.test", "failed")
        assert entry.after is not None
        assert entry.after["problems"] == ["sts:AssumeRole: refused"]


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
        self, actor, somebody, sent, django_capture_on_commit_callbacks
    ):
        connection = ConnectionFactory.create()
        with django_capture_on_commit_callbacks(execute=True):
            run = self.start(actor, connection)
            assert sent == []
        assert sent == [run.pk]
        assert run.requested_by == somebody
        assert recorded() == [
            (
                "run.start",
                f"Run {run.pk} of {connection.name}",
                None,
                {"trigger": InventoryRun.Trigger.BUTTON.value},
            )
        ]

    def test_a_cancelled_run_names_who_cancelled_it(self, actor):
        run = self.start(actor, ConnectionFactory.create())
        cancelled = run_cancel(actor=actor, run=run, now=NOW)
        assert cancelled.error == "cancelled by sam"
        assert recorded()[-1] == (
            "run.cancel",
            f"Run {run.pk} of {run.connection.name}",
            {"state": "queued"},
            {"state": "cancelled"},
        )

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
            accounts_collect(
                actor=actor, connection=connection, account_ids=["999999999999"], now=NOW
            )
        assert [action for action, *_ in recorded()] == ["run.start"]
