"""Coverage that was aged out is a problem of its own, never an empty list."""

from datetime import timedelta

import pytest

from inventory.models import InventoryRun
from tests.factories.times import FIRST_RUN_AT

ACME = "/api/v1/organizations/acme"
AGED_AT = FIRST_RUN_AT + timedelta(days=20)
THEN = "as_of=2026-11-01T08:30Z"


@pytest.fixture
def aged(acme):
    acme.run.detail, acme.run.detail_aged_out_at = InventoryRun.Detail.GONE, AGED_AT
    acme.run.save()
    acme.connection.coverage.exclude(account_id="").delete()
    return acme


class TestAgedOut:
    @pytest.mark.parametrize(
        "path",
        [
            "/inventory-runs/{run}/coverage",
            f"/accounts/222222222222/coverage?{THEN}",
            f"/coverage?{THEN}",
        ],
    )
    def test_is_a_problem_that_says_since_when_and_where_to_look(self, viewer, aged, path):
        answer = viewer.get(f"{ACME}{path.format(run=aged.run.pk)}")
        assert answer.status_code == 410
        problem = answer.json()
        assert problem["type"] == "urn:orgwarden:problem:aged-out"
        assert AGED_AT.isoformat() in problem["detail"]

    def test_leaves_how_well_an_account_was_known(self, viewer, aged):
        row = viewer.get(f"{ACME}/accounts/222222222222?{THEN}").json()
        assert row["coverage"]["knowledge"] == "collected"
        assert row["coverage"]["complete"] == 7

    def test_leaves_the_accounts_of_the_run_with_their_counts(self, viewer, aged):
        run = viewer.get(f"{ACME}/inventory-runs/{aged.run.pk}").json()
        assert run["coverage_aged_out_at"] == AGED_AT.isoformat().replace("+00:00", "Z")
        (first, *_) = viewer.get(f"{ACME}/inventory-runs/{aged.run.pk}/accounts").json()["results"]
        assert (first["collectors"], first["collectors_complete"]) == (7, 7)

    def test_leaves_what_was_ever_read_known(self, viewer, aged):
        page = viewer.get(f"{ACME}/accounts/222222222222/credentials?{THEN}").json()
        assert page["results"] == []
