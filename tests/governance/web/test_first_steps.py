"""First steps: from an empty installation to a connected organization."""

import pytest
from django.urls import reverse

from governance.collection import connection_tests
from inventory.collecting.connection_test import Check, CheckState, ConnectionReport
from inventory.models import Connection
from tests.factories.connections import ConnectionFactory
from tests.factories.people import person
from tests.factories.runs import InventoryRunFactory
from tests.governance.web.test_connections import GIVEN, address, text


@pytest.fixture
def connection(db) -> Connection:
    return ConnectionFactory.create(slug="acme", name="Acme", external_id="orgwarden-4711")


@pytest.fixture
def administrator(client, db):
    user = person("administrator")
    client.force_login(user)
    return user


class TestFirstSteps:
    """From an empty installation to a first run, each step with its check."""

    @pytest.fixture
    def steps(self, client, administrator):
        """Return the steps of a page: state and what is said, each."""

        def steps(path):
            answer = client.get(path, follow=True)
            found = answer.context["first_steps"]
            return [(one.state, one.label) for one in found]

        return steps

    @pytest.fixture
    def tested(self, monkeypatch, client):
        """Test the connection, with a report of one's own."""

        def tested(*checks):
            report = ConnectionReport(checks=list(checks))
            monkeypatch.setattr(connection_tests, "check_connection", lambda _: report)
            client.post(address("connection-test"))

        return tested

    def test_begin_at_sign_in_where_nothing_is_connected(self, steps):
        assert steps(reverse("start")) == [
            ("now", "Connect an organization"),
            *[("next", "")] * 4,
        ]

    def test_go_on_at_the_connection(self, steps, connection):
        assert steps(reverse("start")) == [
            ("done", ""),
            ("now", "Show the templates"),
            ("next", "Test connection"),
            ("next", ""),
            ("next", ""),
        ]

    def test_say_which_role_or_permission_is_missing(self, steps, client, connection, tested):
        denied = Check("sts:AssumeRole", "", CheckState.DENIED, "the role is missing", "deploy it")
        tested(Check("endpoint", "", CheckState.PASSED), denied)
        assert [state for state, _ in steps(address("connection"))][1:4] == ["bad", "bad", "next"]
        page = text(client.get(address("connection")))
        assert "1 of 2 checks failed. First: sts:AssumeRole: the role is missing" in page

        tested(
            Check("sts:AssumeRole", "", CheckState.PASSED),
            Check("iam:ListRoles", "111111111111", CheckState.DENIED, "missing", "deploy it"),
        )
        assert steps(address("connection"))[1:4] == [
            ("done", ""),
            ("bad", "Test connection"),
            ("now", "Start the run"),
        ]

    def test_ask_for_another_test_once_the_settings_change(self, steps, client, connection, tested):
        tested(Check("sts:AssumeRole", "", CheckState.PASSED))
        assert steps(address("connection"))[2] == ("done", "")

        client.post(address("connection-edit"), {**GIVEN, "audit_role_name": "Other"})

        assert steps(address("connection"))[2] == ("next", "Test connection")

    def test_watch_the_run_and_end_with_it(self, steps, client, connection, tested):
        run = InventoryRunFactory.create(connection=connection, state="running", finished_at=None)
        assert steps(address("connection"))[3] == ("now", "Watch the run")
        run.state = "failed"
        run.save()
        assert steps(address("connection"))[3] == ("bad", "See why")
        run.state = "complete"
        run.save()

        assert "First steps" not in text(client.get(address("connection")))
        assert client.get(reverse("start")).url == address("posture")

    def test_are_shown_to_nobody_who_cannot_take_them(self, client, connection):
        client.force_login(person("viewer"))

        assert client.get(reverse("start")).url == address("posture")
        page = text(client.get(address("connection")))
        assert "Start the run" not in page
        assert 'hx-target="#report"' not in page
