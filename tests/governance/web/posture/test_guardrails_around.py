"""Pages of accounts and OUs tell which guardrails fail there, and what drifted."""

import pytest
from django.urls import reverse

from governance.drift.models import DriftReading
from inventory.models import Account
from inventory.viewing import Place
from tests.factories.drift import drift_item
from tests.factories.findings import InboxItemFactory
from tests.factories.guardrail_results import GuardrailResultFactory, tallied
from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db

PAYMENTS, WEBSITE = "222222222222", "222222222223"
GUARDRAIL = "cloudtrail-stays-on"


@pytest.fixture
def connection():
    made = organization_snapshot().connection
    GuardrailResultFactory.create(connection=made, account_id=PAYMENTS)
    GuardrailResultFactory.create(connection=made, account_id=WEBSITE, outcome="not_covered")
    tallied(made)
    return made


@pytest.fixture
def viewing(client, connection):
    client.force_login(person("viewer"))
    return client


def around(client, connection, target_id, **query):
    address = reverse("guardrails-around", kwargs={"slug": connection.slug})
    answer = client.get(address, {"target_id": target_id, **query})
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def unit_of(connection, account_id=PAYMENTS):
    rows = Account.objects.as_of(None).filter(connection=connection)
    return rows.get(account_id=account_id).parent_id


def cell(connection, account_id=PAYMENTS):
    where = {"slug": connection.slug, "guardrail_id": GUARDRAIL, "account_id": account_id}
    return reverse("guardrail-cell", kwargs=where)


class TestAround:
    def test_leads_from_an_account_to_the_result_that_fails(self, viewing, connection):
        text = around(viewing, connection, PAYMENTS)

        assert f'href="{cell(connection)}">Nobody stops or alters CloudTrail</a>' in text
        assert "Fails" in text

    def test_names_for_an_ou_an_account_in_which_it_fails(self, viewing, connection):
        text = around(viewing, connection, unit_of(connection))

        assert f'fails in <a href="{cell(connection)}">payments</a>' in text
        assert "Not covered" in text

    def test_takes_what_is_not_covered_for_no_proof(self, viewing, connection):
        text = around(viewing, connection, WEBSITE)

        assert "No guardrail fails here, but not all are known." in text

    def test_says_that_a_place_has_no_result(self, viewing, connection):
        assert "Not evaluated" in around(viewing, connection, "999999999999")

    def test_shows_nothing_of_accounts_that_somebody_may_not_see(self, client, connection):
        client.force_login(person("viewer", Place(connection.pk, WEBSITE)))

        assert cell(connection) not in around(client, connection, unit_of(connection))
        assert "Not evaluated" in around(client, connection, PAYMENTS)

    def test_tells_of_open_drift_there_alone(self, viewing, connection):
        DriftReading.objects.create(connection=connection, read_at=FIRST_RUN_AT)
        drift = drift_item(connection)
        InboxItemFactory.create(
            connection=connection, source="drift", source_key=drift.key, title="payments moved"
        )

        assert "payments moved" in around(viewing, connection, PAYMENTS)
        assert "payments moved" in around(viewing, connection, unit_of(connection))
        assert "No open drift here" in around(viewing, connection, WEBSITE)

    @pytest.mark.parametrize("name", ["account", "organizational-unit"])
    def test_is_a_part_of_the_page_of_the_place(self, viewing, connection, name):
        where = {"account": {"account_id": PAYMENTS}}.get(name, {"target_id": unit_of(connection)})
        address = reverse(name, kwargs={"slug": connection.slug, **where})
        part = reverse("guardrails-around", kwargs={"slug": connection.slug})

        assert f"{part}?target_id=" in viewing.get(address).content.decode()
