"""Pages lead into AWS's console, and to the questions about what they show."""

import pytest
from django.urls import reverse

from governance.presentation.console_links import policy_console, principal_console, unit_console
from tests.factories.people import person
from tests.factories.principals import RoleFactory
from tests.factories.snapshots import organization_snapshot

ACCOUNT = "222222222224"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Deployer"
HOME = "https://console.aws.amazon.com/organizations/v2/home"


@pytest.fixture
def page(db, client):
    """Open a page of the small organization by its route."""
    made = organization_snapshot()
    RoleFactory.create(connection=made.connection, account_id=ACCOUNT, name="Deployer")
    client.force_login(person("administrator"))

    def read(route, **kwargs):
        address = reverse(route, kwargs={"slug": made.connection.slug, **kwargs})
        return client.get(address).content.decode()

    return read


class TestConsoleLinks:
    def test_stand_on_account_unit_policy_and_role(self, page):
        assert f'href="{HOME}/accounts/{ACCOUNT}"' in page("account", account_id=ACCOUNT)
        unit = page("organizational-unit", target_id="ou-ab12-prod0001")
        assert f'href="{HOME}/organizational-units/ou-ab12-prod0001"' in unit
        policy = page("policy", policy_id="p-regio001")
        assert f'href="{HOME}/policies/service-control-policy/p-regio001"' in policy
        role = page("principal", arn=ROLE)
        assert "https://console.aws.amazon.com/iam/home#/roles/details/Deployer" in role

    def test_are_those_of_the_partition(self):
        assert unit_console("ou-1", region="cn-north-1").startswith(
            "https://console.amazonaws.cn/organizations/"
        )
        assert principal_console("user", "a/b", region="us-gov-west-1") == (
            "https://console.amazonaws-us-gov.com/iam/home#/users/details/a%2Fb"
        )

    def test_lead_to_the_list_where_no_address_is_known(self):
        policies = f"{HOME}/policies"
        chat = policy_console("p-1", "CHATBOT_POLICY", region="eu-west-1")
        assert chat == f"{policies}/chatbot-policy"
        assert policy_console("p-1", "OF_A_LATER_DAY", region="eu-west-1") == policies
        assert unit_console("r-ab12", region="eu-west-1") == f"{HOME}/root"
        assert principal_console("root", "root", region="eu-west-1") == ""


class TestQuestions:
    def test_are_asked_from_a_role_and_an_account(self, page):
        role = page("principal", arn=ROLE)
        arn = ROLE.replace(":", "%3A").replace("/", "%2F")
        assert f"/why-denied/?principal={arn}" in role
        assert f"/trust/paths/?from={arn}" in role
        account = page("account", account_id=ACCOUNT)
        assert f"/why-denied/?account={ACCOUNT}" in account
        assert f"/trust/paths/?from={ACCOUNT}" in account
