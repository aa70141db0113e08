"""Where coverage was aged out the screens say so, and show no emptiness in its place."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from inventory.models import Coverage, InventoryRun
from inventory.runs.aging import age_out_coverage
from inventory.runs.counts import count_run
from tests.factories.connections import ConnectionFactory
from tests.factories.people import person
from tests.factories.principals import RoleFactory
from tests.factories.runs import CoverageFactory, DeniedCoverageFactory, InventoryRunFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db
PAYMENTS = "222222222222"
THEN = {"as_of": (FIRST_RUN_AT + timedelta(minutes=5)).isoformat()}
SAID = "aged out"


@pytest.fixture
def snapshot():
    """An organization whose only run is old, one account of it denied in part, and aged out."""
    made = organization_snapshot(connection=ConnectionFactory.create(slug="acme"))
    DeniedCoverageFactory.create(run=made.run, account_id=PAYMENTS, collector="iam.other")
    RoleFactory.create(connection=made.connection, account_id=PAYMENTS, name="deployer")
    made.run.counted = count_run(made.run).as_json()
    made.run.save(update_fields=["counted"])
    later = InventoryRunFactory.create(
        connection=made.connection, started_at=FIRST_RUN_AT + timedelta(days=1)
    )
    for name in ("iam.other", "iam.authorization_details", "iam.credential_report"):
        CoverageFactory.create(
            run=later,
            account_id=PAYMENTS,
            collector=name,
            state=Coverage.State.FAILED,
            message="AWS answered with a fault of its own",
        )
    later.counted = count_run(later).as_json()
    later.save(update_fields=["counted"])
    age_out_coverage(now=FIRST_RUN_AT + timedelta(days=1 + settings.INVENTORY_COVERAGE_DAYS))
    made.run.refresh_from_db()
    return made


@pytest.fixture
def read(client, snapshot):
    client.force_login(person("viewer"))

    def answer(name, query=None, **more):
        return client.get(reverse(name, kwargs={"slug": "acme", **more}), query or {})

    return answer


def text(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split()).replace("Aged out", SAID)


class TestRun:
    def test_says_that_its_detail_was_aged_out_and_keeps_how_each_account_ended(
        self, read, snapshot
    ):
        assert snapshot.run.detail == InventoryRun.Detail.GOING
        page = text(read("inventory-run", run_id=snapshot.run.pk))
        assert "Detail was aged out" in page
        assert "7 of 8" in page

    def test_says_so_in_place_of_the_coverage(self, read, snapshot):
        assert "Detail was aged out" in text(read("inventory-run-coverage", run_id=snapshot.run.pk))

    def test_sends_no_file_that_would_lack_most_of_it(self, read, snapshot):
        refused = read("inventory-run-coverage", {"format": "csv"}, run_id=snapshot.run.pk)
        assert refused.status_code == 400
        assert SAID in refused.content.decode()

    def test_keeps_its_calls(self, read, snapshot):
        assert "GetAccountAuthorizationDetails" in text(
            read("inventory-run-calls", run_id=snapshot.run.pk)
        )

    def test_of_a_younger_run_says_nothing_of_the_kind(self, read, snapshot):
        later = InventoryRun.objects.latest("started_at")
        assert "aged out" not in text(read("inventory-run", run_id=later.pk))


class TestAccountThen:
    @pytest.mark.parametrize("name", ["account-coverage", "account", "account-iam"])
    def test_says_that_its_coverage_of_that_time_was_aged_out(self, read, name):
        page = text(read(name, THEN, account_id=PAYMENTS))
        assert SAID in page
        assert "Never collected" not in page

    def test_still_tells_how_well_it_was_known(self, read):
        page = text(read("account", THEN, account_id=PAYMENTS))
        assert "7 of 8 collectors complete" in page

    def test_says_nothing_of_the_kind_now(self, read):
        assert SAID not in text(read("account-coverage", account_id=PAYMENTS))

    def test_tells_of_a_principal_that_it_is_not_known_how_whole_it_was_read(self, read):
        arn = f"arn:aws:iam::{PAYMENTS}:role/deployer"
        assert SAID in text(read("principal", THEN, arn=arn))
        assert SAID not in text(read("principal", arn=arn))
