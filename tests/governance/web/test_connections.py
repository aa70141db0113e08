"""The screens of connections: list, settings, what to deploy, test, switch."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from governance.collection import connection_tests
from inventory.collecting.connection_test import Check, CheckState, ConnectionReport
from inventory.models import Connection
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.people import UserFactory, person
from tests.factories.runs import InventoryRunFactory

GIVEN = {
    "name": "Acme",
    "organization_role_arn": "arn:aws:iam::111111111111:role/OrgwardenOrganizationReader",
    "audit_role_name": "OrgwardenAudit",
    "external_id": "orgwarden-4711",
    "home_region": "us-east-1",
    "regions": "eu-west-2, us-east-1",
    "endpoint_url": "",
    "schedule_minutes": "60",
    "enabled": "on",
}


@pytest.fixture
def connection(db) -> Connection:
    return ConnectionFactory.create(slug="acme", name="Acme", external_id="orgwarden-4711")


@pytest.fixture
def administrator(client, db):
    user = person("administrator")
    client.force_login(user)
    return user


def address(name: str, slug: str = "acme") -> str:
    return reverse(name, kwargs={"slug": slug})


def text(answer):
    return answer.content.decode()


def told(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


class TestList:
    def test_shows_each_connection_with_its_newest_run(self, client, administrator, connection):
        InventoryRunFactory.create(connection=connection)
        ConnectionFactory.create(name="Other", enabled=False, organization_id="")

        page = text(client.get(reverse("connections")))

        assert "o-exampleorg1" in page
        assert "Switched off" in page
        assert "Not known before the first run" in page
        assert "None yet" in page

    def test_offers_to_connect_one_to_those_who_may(self, client, administrator):
        page = text(client.get(reverse("connections")))
        assert "No AWS secret is stored" in page
        assert reverse("connection-create") in page

        client.force_login(person("viewer"))

        page = text(client.get(reverse("connections")))
        assert "An administrator can connect one" in page
        assert reverse("connection-create") not in page

    def test_costs_the_same_queries_for_more_connections(
        self, client, administrator, connection, django_assert_max_num_queries
    ):
        ConnectionFactory.create_batch(20)

        with django_assert_max_num_queries(13):
            client.get(reverse("connections"))


class TestConnecting:
    def test_keeps_what_was_given_and_leads_to_what_to_deploy(self, client, administrator):
        answer = client.post(reverse("connection-create"), GIVEN)

        made = Connection.objects.get()
        assert answer.url == address("connection")
        assert (made.slug, made.regions, made.schedule_minutes, made.enabled) == (
            "acme",
            ["eu-west-2", "us-east-1"],
            60,
            True,
        )

    def test_proposes_an_external_id_that_nobody_else_has(self, client, administrator):
        first, second = (
            client.get(reverse("connection-create")).context["form"]["external_id"].value()
            for _ in range(2)
        )

        assert first.startswith("orgwarden-")
        assert first != second

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("name", "", "required"),
            ("organization_role_arn", "OrgwardenOrganizationReader", "Give the ARN of a role"),
            ("audit_role_name", "a role", "role&#x27;s name"),
            ("external_id", "x", "2 to 1,224"),
            ("home_region", "Ireland", "Give a region such as us-east-1"),
            ("external_id", "", "Give an ExternalId"),
            (
                "organization_role_arn",
                "arn:aws-moon:iam::111111111111:role/Reader",
                "There is no partition aws-moon",
            ),
            ("home_region", "cn-north-1", "cn-north-1 is in the partition aws-cn, the role in aws"),
            ("regions", "eu-west-2 us-gov-west-1", "us-gov-west-1 is in the partition aws-us-gov"),
            ("regions", "eu-west-2 london", "Not a region: london"),
            ("schedule_minutes", "-5", "greater than or equal to 0"),
            ("schedule_minutes", "99999", "less than or equal to 10080"),
            ("endpoint_url", "http://example.org", "it is not https"),
            ("endpoint_url", "https://127.0.0.1", "an address that is not public"),
            ("endpoint_url", "https://user:pass@example.org", "user name or password"),
        ],
    )
    def test_says_by_field_what_is_wrong_and_keeps_nothing(
        self, client, administrator, field, value, words
    ):
        answer = client.post(reverse("connection-create"), GIVEN | {field: value})

        assert list(answer.context["form"].errors) == [field]
        assert words in text(answer)
        assert not Connection.objects.exists()

    def test_accepts_an_endpoint_that_the_settings_allow(self, client, administrator, settings):
        settings.AWS_ENDPOINTS_ALLOWED = ["http://127.0.0.1:5999"]

        client.post(reverse("connection-create"), GIVEN | {"endpoint_url": "http://127.0.0.1:5999"})

        assert Connection.objects.get().endpoint_url == "http://127.0.0.1:5999"

    def test_refuses_a_name_that_is_taken_and_finds_another_slug(
        self, client, administrator, connection
    ):
        refused = client.post(reverse("connection-create"), GIVEN)
        assert list(refused.context["form"].errors) == ["name"]

        client.post(reverse("connection-create"), GIVEN | {"name": "ACME"})
        client.post(reverse("connection-create"), GIVEN | {"name": "New"})

        assert set(Connection.objects.values_list("slug", flat=True)) == {
            "acme",
            "acme-2",
            "new-2",
        }

    @pytest.mark.parametrize("name", ["connection-create", "connection-edit", "connection-switch"])
    def test_is_for_administrators_alone(self, client, connection, name):
        client.force_login(person("security"))
        where = reverse(name) if name == "connection-create" else address(name)

        assert client.post(where, GIVEN).status_code == 403
        assert Connection.objects.count() == 1


class TestEditing:
    def test_keeps_the_slug_and_changes_the_rest(self, client, administrator, connection):
        form = client.get(address("connection-edit")).context["form"]
        assert form["external_id"].value() == "orgwarden-4711"
        assert form["regions"].value() == "eu-west-2 us-east-1"

        answer = client.post(
            address("connection-edit"), GIVEN | {"name": "Acme Ltd", "schedule_minutes": "0"}
        )

        connection.refresh_from_db()
        assert answer.url == address("connection")
        assert (connection.slug, connection.name, connection.schedule_minutes) == (
            "acme",
            "Acme Ltd",
            0,
        )

    def test_lets_a_connection_without_an_external_id_stay_so(
        self, client, administrator, connection
    ):
        Connection.objects.update(external_id="")
        answer = client.post(address("connection-edit"), GIVEN | {"external_id": ""})
        assert answer.status_code == 302

    def test_shows_faults_without_losing_what_was_typed(self, client, administrator, connection):
        answer = client.post(
            address("connection-edit"), GIVEN | {"name": "Typed", "home_region": "x"}
        )

        assert answer.context["form"]["name"].value() == "Typed"
        connection.refresh_from_db()
        assert connection.name == "Acme"


class TestWhatToDeploy:
    def test_has_the_external_id_and_the_role_names_filled_in(
        self, client, administrator, connection
    ):
        Connection.objects.update(audit_role_name="ReadForGovernance")

        answer = client.get(address("connection"))

        reader, audit = answer.context["templates"]
        assert '    Default: "orgwarden-4711"\n' in reader.text
        assert '    Default: "ReadForGovernance"\n' in audit.text
        assert "    Default: OrgwardenAudit\n" not in audit.text
        assert audit.text.count("AllowedPattern") == 2
        assert "ExternalId=orgwarden-4711" in audit.command
        assert "arn:aws:iam::111111111111:role/OrgwardenOrganizationReader" in text(answer)

    def test_says_what_is_missing_without_an_external_id(self, client, administrator, connection):
        Connection.objects.update(external_id="")

        answer = client.get(address("connection"))

        assert "No ExternalId" in text(answer)
        assert "ExternalId=" not in answer.context["templates"][0].command

    def test_is_told_to_nobody_without_the_right(self, client, connection):
        client.force_login(UserFactory.create())

        assert client.get(address("connection")).status_code == 403

    def test_of_a_connection_that_is_not_there_is_not_found(self, client, administrator):
        assert client.get(address("connection", "nothing")).status_code == 404


class TestSwitching:
    def test_off_names_its_reach_and_back_on_needs_no_question(
        self, client, administrator, connection
    ):
        AccountFactory.create_batch(3, connection=connection)
        assert "Stop reading 3 accounts" in text(client.get(address("connection")))

        answer = client.post(address("connection-switch"), {"enabled": "false"})

        connection.refresh_from_db()
        assert not connection.enabled
        assert told(answer) == ["Acme is switched off: no run starts until it is on again."]
        client.post(address("connection-switch"), {"enabled": "true"})
        connection.refresh_from_db()
        assert connection.enabled


class TestTesting:
    REPORT = ConnectionReport(
        worker_arn="arn:aws:iam::999999999999:role/worker",
        organization_id="o-exampleorg1",
        management_account_id="111111111111",
        accounts_in_organization=60,
        accounts_tested=("111111111111", "222222222222"),
        checks=[
            Check("sts:GetCallerIdentity", "999999999999", CheckState.PASSED),
            Check("sts:AssumeRole", "111111111111", CheckState.PASSED),
            Check("organizations:ListRoots", "111111111111", CheckState.PASSED),
            Check("sts:AssumeRole", "111111111111", CheckState.PASSED),
            Check(
                "sts:AssumeRole",
                "222222222222",
                CheckState.DENIED,
                "the role OrgwardenAudit does not exist in account 222222222222",
                "deploy docs/roles/audit.yaml",
            ),
        ],
    )

    @pytest.fixture
    def found(self, monkeypatch):
        monkeypatch.setattr(connection_tests, "check_connection", lambda _: self.REPORT)

    def test_names_what_is_missing_by_role_and_what_to_do(
        self, client, administrator, connection, found
    ):
        answer = client.post(address("connection-test"))

        assert [
            (one.title, one.passed, one.problems) for one in answer.context["check_groups"]
        ] == [
            ("Endpoint and the worker's own credentials", 1, 0),
            ("Organization role in account 111111111111", 2, 0),
            ("OrgwardenAudit in account 111111111111", 1, 0),
            ("OrgwardenAudit in account 222222222222", 0, 1),
        ]
        page = text(answer)
        assert "1 of 5 steps did not pass" in page
        assert "deploy docs/roles/audit.yaml" in page
        assert "arn:aws:iam::999999999999:role/worker" in page
        assert "<html" in page

    def test_answers_htmx_with_the_steps_alone(self, client, administrator, connection, found):
        page = text(client.post(address("connection-test"), headers={"HX-Request": "true"}))

        assert "<html" not in page
        assert "1 of 5 steps" in page

    def test_needs_its_own_right_and_a_post(self, client, connection):
        client.force_login(person("author"))
        assert f'action="{address("connection-test")}"' not in text(
            client.get(address("connection"))
        )
        assert client.post(address("connection-test")).status_code == 403
        client.force_login(person("security"))
        assert client.get(address("connection-test")).status_code == 405

    def test_of_an_endpoint_that_may_not_be_called_calls_nothing(
        self, client, administrator, connection
    ):
        Connection.objects.update(endpoint_url="http://169.254.169.254")

        page = text(client.post(address("connection-test")))

        assert "it is not https" in page
        assert "The organization was not reached" in page
