"""A connection tested over the API."""

import pytest
from rest_framework.test import APIClient

from governance.collection import connection_tests
from inventory.collecting.connection_test import Check, CheckState, ConnectionReport
from tests.factories.people import person

ADDRESS = "/api/v1/connections/acme/test"


@pytest.fixture
def security(db):
    """A client signed in as somebody who may test connections."""
    client = APIClient()
    client.force_login(person("security"))
    return client


class TestConnectionTest:
    def test_says_which_role_is_missing_and_what_it_did_not_come_to(
        self, security, acme, monkeypatch
    ):
        denied = Check(
            "sts:AssumeRole", "111111111111", CheckState.DENIED, "no such role", "deploy it"
        )
        tested = []

        def check(connection):
            tested.append(connection)
            return ConnectionReport(worker_arn="arn:aws:iam::1:user/worker", checks=[denied])

        monkeypatch.setattr(connection_tests, "check_connection", check)
        answer = security.post(ADDRESS)
        assert answer.status_code == 200
        told = answer.json()
        assert tested == [acme.connection]
        assert told["passed"] is False
        assert told["worker_arn"] == "arn:aws:iam::1:user/worker"
        assert told["organization_id"] is None
        assert told["accounts_in_organization"] is None
        assert told["checks"] == [
            {
                "action": "sts:AssumeRole",
                "account_id": "111111111111",
                "state": "denied",
                "message": "no such role",
                "remedy": "deploy it",
            }
        ]

    def test_refuses_an_address_inside_as_the_screens_do(self, security, acme):
        acme.connection.endpoint_url = "http://169.254.169.254/"
        acme.connection.save()
        told = security.post(ADDRESS).json()
        assert told["passed"] is False
        assert [check["action"] for check in told["checks"]] == ["endpoint"]
        assert told["worker_arn"] is None

    def test_refuses_a_body(self, security, acme):
        assert security.post(ADDRESS, {"sample": 1}, format="json").status_code == 400
