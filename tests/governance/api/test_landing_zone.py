"""The landing zone over the API: core accounts, Control Tower, logging, enabled controls."""

import pytest
from rest_framework.test import APIClient

from inventory.models import Coverage
from inventory.service_facts import (
    CATALOG_CONTROL,
    ENABLED_BASELINE,
    ENABLED_CONTROL,
    GUARDDUTY_DETECTOR,
    LANDING_ZONE,
    TRAIL,
)
from tests.factories.people import person
from tests.factories.service_configurations import GOOD_TRAIL, configuration, covered_kinds

URL = "/api/v1/organizations/acme"
MANAGEMENT, PAYMENTS, WEBSITE = "111111111111", "222222222222", "222222222223"
PROD = "ou-ab12-prod0001"
TOWER = (LANDING_ZONE, ENABLED_CONTROL, ENABLED_BASELINE, CATALOG_CONTROL)


@pytest.fixture
def tower(acme):
    """A landing zone with three enabled controls, one of them in the catalogue."""
    covered_kinds(acme.run, "", TOWER)
    own = acme.connection, MANAGEMENT
    configuration(
        own[0],
        LANDING_ZONE,
        own[1],
        region="us-east-1",
        version="3.3",
        latest_version="4.0",
        drift_status="IN_SYNC",
    )
    for name, drift in (("AWS-A", "DRIFTED"), ("AWS-B", "NOT_CHECKING"), ("AWS-C", "IN_SYNC")):
        configuration(
            own[0],
            ENABLED_CONTROL,
            own[1],
            name=name,
            arn=f"arn:{name}",
            control=f"arn:aws:controltower:us-east-1::control/{name}",
            target_id=PROD,
            status="SUCCEEDED",
            drift_status=drift,
            parameters={"AllowedRegions": ["us-east-1"]},
        )
    configuration(
        own[0],
        CATALOG_CONTROL,
        own[1],
        name="arn:aws:controltower:us-east-1::control/AWS-A",
        title="Volumes are encrypted",
        severity="HIGH",
        behavior="DETECTIVE",
        frameworks=[{"name": "PCI-DSS-v4.0", "item": "3.5.1"}],
    )
    return acme


class TestLandingZone:
    def test_tells_of_core_accounts_control_tower_enforcement_and_logging(self, viewer, tower):
        serialized = viewer.get(f"{URL}/landing-zone").json()
        assert serialized["control_tower"]["state"] == "set_up"
        assert serialized["control_tower"]["controls_by_drift"] == {
            "in_sync": 1,
            "drifted": 1,
            "not_checking": 1,
            "unknown": 0,
        }
        states = {each["purpose"]: each["state"] for each in serialized["core_accounts"]}
        assert (states["management"], states["network"]) == ("found", "unknown")
        assert serialized["enforcement"]["accounts"]["both"] == 2
        assert serialized["logging"]["cloudtrail"]["unknown"] == 5
        assert "control_tower_control_drifted" in {each["kind"] for each in serialized["findings"]}
        assert serialized["freshness"]

    def test_says_unknown_where_nothing_of_it_was_read(self, viewer, acme):
        serialized = viewer.get(f"{URL}/landing-zone").json()
        assert serialized["control_tower"]["state"] == "unknown"
        assert serialized["logging"]["guardduty"] == {
            "off": 0,
            "degraded": 0,
            "unknown": 5,
            "good": 0,
        }


class TestCoreAccount:
    ADDRESS = f"{URL}/landing-zone/core-accounts/backup"

    def test_is_confirmed_against_an_etag_and_forgotten(self, viewer, acme):
        body = {"account_id": WEBSITE}
        assert viewer.put(self.ADDRESS, body, format="json").status_code == 403
        client = APIClient()
        client.force_login(person("security"))
        assert client.put(self.ADDRESS, body, format="json").status_code == 428
        tag = client.get(self.ADDRESS).headers["ETag"]
        made = client.put(self.ADDRESS, body, format="json", headers={"If-Match": tag})
        assert (made.status_code, made.json()["state"]) == (200, "confirmed")
        assert made.json()["account_id"] == WEBSITE
        late = client.put(self.ADDRESS, body, format="json", headers={"If-Match": tag})
        assert late.status_code == 412
        tag = client.get(self.ADDRESS).headers["ETag"]
        wrong = {"account_id": "999999999999"}
        refused = client.put(self.ADDRESS, wrong, format="json", headers={"If-Match": tag})
        assert refused.status_code == 400
        assert client.delete(self.ADDRESS, headers={"If-Match": tag}).status_code == 204
        assert client.get(self.ADDRESS).json()["confirmed_by"] is None

    def test_of_no_purpose_that_there_is_is_not_found(self, viewer, acme):
        assert viewer.get(f"{URL}/landing-zone/core-accounts/cafeteria").status_code == 404


class TestLogging:
    def test_lists_accounts_by_service_and_health(self, viewer, acme):
        covered_kinds(acme.run, PAYMENTS, [TRAIL])
        configuration(acme.connection, TRAIL, PAYMENTS, **GOOD_TRAIL)
        address = f"{URL}/landing-zone/logging"
        then = {"as_of": "2026-11-01T08:03:00Z"}
        good = viewer.get(address, {"service": "cloudtrail", "health": "good", **then}).json()
        assert [row["account_id"] for row in good["results"]] == [PAYMENTS]
        [row] = good["results"]
        assert row["services"][0]["service"] == "cloudtrail"
        assert row["health"] == "unknown"
        rest = viewer.get(address, {"service": "cloudtrail", "health": "unknown", **then}).json()
        assert len(rest["results"]) == 4
        # What was read weeks ago is not known to be good today.
        stale = viewer.get(address, {"service": "cloudtrail", "health": "good"}).json()
        assert stale["results"] == []
        assert viewer.get(address, {"health": "lovely"}).status_code == 400

    def test_pages_by_key(self, viewer, acme):
        covered_kinds(acme.run, PAYMENTS, [GUARDDUTY_DETECTOR], regions=["us-east-1"])
        first = viewer.get(f"{URL}/landing-zone/logging", {"limit": 3}).json()
        second = viewer.get(first["next"]).json()
        names = [row["name"] for row in (*first["results"], *second["results"])]
        assert names == sorted(names)
        assert len(names) == 5


class TestControls:
    def test_are_listed_with_the_catalogues_data_and_filtered(self, viewer, tower):
        serialized = viewer.get(f"{URL}/controls").json()
        assert [row["identifier"] for row in serialized["results"]] == ["AWS-A", "AWS-B", "AWS-C"]
        first = serialized["results"][0]
        assert (first["severity"], first["target_name"]) == ("HIGH", "Prod")
        assert first["frameworks"] == [{"name": "PCI-DSS-v4.0", "item": "3.5.1"}]
        assert first["parameters"] == {"AllowedRegions": ["us-east-1"]}
        for asked in (
            {"drift": "drifted"},
            {"severity": "HIGH"},
            {"framework": "PCI-DSS-v4.0"},
            {"behavior": "DETECTIVE"},
        ):
            rows = viewer.get(f"{URL}/controls", asked).json()["results"]
            assert [row["identifier"] for row in rows] == ["AWS-A"], asked
        assert viewer.get(f"{URL}/controls", {"target_id": "ou-ab12-else"}).json()["results"] == []

    def test_are_null_and_not_empty_where_they_could_not_be_read(self, viewer, acme):
        covered_kinds(
            acme.run, "", TOWER, state=Coverage.State.DENIED, message="AWS refused the call"
        )
        serialized = viewer.get(f"{URL}/controls").json()
        assert serialized["results"] is None
        assert (serialized["control_tower"], serialized["because"]) == (
            "unknown",
            "AWS refused the call",
        )
