"""The landing zone on screen: what stands, what is not known, who may confirm."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.http import QueryDict
from django.urls import reverse

from governance.baseline.landing_zone.models import CoreAccount
from governance.web.landing_zone import log_picture
from inventory.models import Coverage
from inventory.service_facts import (
    CATALOG_CONTROL,
    CONFIG_RECORDER,
    ENABLED_BASELINE,
    ENABLED_CONTROL,
    GUARDDUTY_DETECTOR,
    LANDING_ZONE,
    TRAIL,
)
from inventory.viewing import Place
from tests.factories.people import person
from tests.factories.service_configurations import GOOD_TRAIL, configuration, covered_kinds
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db

MANAGEMENT, LOG_ARCHIVE = "111111111111", "333333333331"
PAYMENTS, WEBSITE = "222222222222", "222222222223"
PROD = "ou-ab12-prod0001"
TOWER = (LANDING_ZONE, ENABLED_CONTROL, ENABLED_BASELINE, CATALOG_CONTROL)
# What was read weeks ago is stale now: seen as of a moment later, it is fresh.
THEN = {"as_of": (FIRST_RUN_AT + timedelta(minutes=5)).isoformat()}


@pytest.fixture
def acme():
    return organization_snapshot()


@pytest.fixture
def ada(client, acme):
    client.force_login(person("security", username="ada"))
    return client


@pytest.fixture
def tower(acme):
    """A landing zone of an older version with two controls, one drifted and catalogued."""
    covered_kinds(acme.run, "", TOWER)
    own = acme.connection
    configuration(
        own,
        LANDING_ZONE,
        MANAGEMENT,
        region="us-east-1",
        version="3.3",
        latest_version="4.0",
        status="ACTIVE",
        drift_status="IN_SYNC",
    )
    for name, drift in (("AWS-A", "DRIFTED"), ("AWS-B", "NOT_CHECKING")):
        configuration(
            own,
            ENABLED_CONTROL,
            MANAGEMENT,
            name=name,
            arn=f"arn:{name}",
            control=f"arn:aws:controltower:us-east-1::control/{name}",
            target_id=PROD,
            status="SUCCEEDED",
            drift_status=drift,
            parameters={"AllowedRegions": ["us-east-1"]},
        )
    configuration(
        own,
        CATALOG_CONTROL,
        MANAGEMENT,
        name="arn:aws:controltower:us-east-1::control/AWS-A",
        title="Volumes are encrypted",
        severity="HIGH",
        behavior="DETECTIVE",
        frameworks=[{"name": "PCI-DSS-v4.0", "item": "3.5.1"}],
    )
    return acme


def address(acme, name="landing-zone"):
    return reverse(name, kwargs={"slug": acme.connection.slug})


def page(client, acme, name="landing-zone", asked=None):
    answer = client.get(address(acme, name), THEN if asked is None else asked)
    assert answer.status_code == HTTPStatus.OK
    return answer, answer.content.decode()


class TestOverview:
    def test_says_first_how_the_landing_zone_stands(self, ada, tower):
        _, text = page(ada, tower)
        lead = text.split('class="lead">')[1].split("</p>")[0]
        assert "0 of 7 core accounts confirmed" in lead
        assert "Control Tower 3.3 is in sync; version 4.0 is available" in lead
        assert "1 of 2 enabled controls drifted" in lead
        assert "not known in 5 of 5 accounts" in lead

    def test_counts_controls_in_each_of_the_four_states(self, ada, tower):
        answer, text = page(ada, tower)
        counts = {look: count for look, count, _ in answer.context["drift_counts"]}
        assert counts == {
            "tower_in_sync": 0,
            "tower_drifted": 1,
            "tower_not_checking": 1,
            "tower_unknown": 0,
        }
        assert "A control has drifted" in text
        assert "What Control Tower does not report" in text

    def test_shows_what_was_never_read_as_not_known_and_nothing_of_it_as_fine(self, ada, acme):
        answer, text = page(ada, acme)
        assert "Control Tower is not known" in text
        assert {row["look"] for row in answer.context["core_rows"]} <= {
            "core_found",
            "core_unknown",
        }
        assert "is-ok" not in text.split('id="content"')[1].split("Logging health")[1]

    def test_shows_a_refused_call_as_denied(self, ada, acme):
        refused = "AWS refused the call"
        covered_kinds(acme.run, "", TOWER, state=Coverage.State.DENIED, message=refused)
        answer, text = page(ada, acme)
        assert "AWS refused the call" in text
        assert [look for _, look, _ in answer.context["readings"]][:2] == ["denied", "denied"]


class TestConfirming:
    def test_confirms_shows_by_whom_and_removes_again(self, ada, acme):
        given = {"purpose": "log_archive", "account_id": LOG_ARCHIVE}
        answer = ada.post(address(acme, "core-account-confirm"), given, follow=True)
        text = answer.content.decode()
        assert "1 of 7 core accounts confirmed" in text
        assert CoreAccount.objects.get().confirmed_by.username == "ada"
        assert "Remove confirmation" in text

        ada.post(address(acme, "core-account-confirm"), {"purpose": "log_archive", "remove": "1"})
        assert not CoreAccount.objects.exists()

    def test_says_why_an_account_cannot_be_confirmed(self, ada, acme):
        given = {"purpose": "log_archive", "account_id": "999999999999"}
        text = ada.post(address(acme, "core-account-confirm"), given, follow=True).content.decode()
        assert "999999999999 is not an account of this organization" in text
        assert not CoreAccount.objects.exists()

    def test_is_neither_offered_to_nor_taken_from_who_may_not(self, client, acme):
        client.force_login(person("viewer", username="vic"))
        _, text = page(client, acme, asked={})
        assert "core-accounts" in text
        assert "Choose another" not in text
        given = {"purpose": "log_archive", "account_id": LOG_ARCHIVE}
        answer = client.post(address(acme, "core-account-confirm"), given)
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert not CoreAccount.objects.exists()


class TestControls:
    def test_lists_controls_with_the_catalogues_data(self, ada, tower):
        answer, text = page(ada, tower, "landing-zone-controls")
        rows = answer.context["rows"].object_list
        assert [row["control"].identifier for row in rows] == ["AWS-A", "AWS-B"]
        assert "Volumes are encrypted" in text
        assert "PCI-DSS-v4.0 3.5.1" in text
        assert "Not in the collected Control Catalog" in text
        assert "AllowedRegions: us-east-1" in text

    @pytest.mark.parametrize(
        "asked",
        [
            {"drift": "drifted"},
            {"severity": "HIGH"},
            {"behavior": "DETECTIVE"},
            {"framework": "PCI-DSS-v4.0"},
            {"q": "volumes"},
        ],
    )
    def test_filters(self, ada, tower, asked):
        answer, _ = page(ada, tower, "landing-zone-controls", THEN | asked)
        rows = answer.context["rows"].object_list
        assert [row["control"].identifier for row in rows] == ["AWS-A"]

    def test_shows_refused_controls_as_denied_and_not_as_none(self, ada, acme):
        refused = "AWS refused the call"
        covered_kinds(acme.run, "", TOWER, state=Coverage.State.DENIED, message=refused)
        _, text = page(ada, acme, "landing-zone-controls")
        assert "Denied" in text
        assert "No control is enabled" not in text

    def test_sends_what_the_filters_leave_as_a_file(self, ada, tower):
        asked = THEN | {"drift": "drifted", "format": "csv"}
        answer = ada.get(address(tower, "landing-zone-controls"), asked)
        lines = b"".join(answer.streaming_content).decode().splitlines()
        assert len(lines) == 2
        assert "AWS-A" in lines[1]


class TestEnforcement:
    def test_tells_control_towers_from_own_policies(self, ada, tower):
        answer, _ = page(ada, tower, "landing-zone-enforcement")
        looks = {row["target"].target_id: row["look"] for row in answer.context["rows"].object_list}
        assert looks[PROD] == "enforced_both"

    def test_is_not_known_where_control_tower_is_not(self, ada, acme):
        answer, _ = page(ada, acme, "landing-zone-enforcement")
        counts = {look: count for look, _, count in answer.context["enforcers"]}
        assert counts["enforced_control_tower"] == counts["enforced_both"] == 0


class TestLogging:
    def cells(self, answer, account_id):
        rows = [
            row
            for group in answer.context["rows"].object_list
            for row in group["accounts"]
            if row["account"].account_id == account_id
        ]
        return {cell["label"]: cell for cell in rows[0]["cells"]}

    def test_shows_on_off_and_denied_each_with_its_reason(self, ada, acme):
        covered_kinds(acme.run, PAYMENTS, [TRAIL])
        covered_kinds(acme.run, PAYMENTS, [GUARDDUTY_DETECTOR], regions=["us-east-1"])
        covered_kinds(
            acme.run,
            PAYMENTS,
            [CONFIG_RECORDER],
            regions=["us-east-1"],
            state=Coverage.State.DENIED,
            message="AWS refused config:DescribeConfigurationRecorders",
        )
        configuration(acme.connection, TRAIL, PAYMENTS, **GOOD_TRAIL)
        answer, text = page(ada, acme, "landing-zone-logging")
        cells = self.cells(answer, PAYMENTS)

        assert {label: cell["look"] for label, cell in cells.items()} == {
            "CloudTrail": "log_good",
            "Config": "denied",
            "GuardDuty": "log_off",
            "Security Hub": "log_unknown",
        }
        assert cells["GuardDuty"]["reasons"] == ["there is no detector"]
        assert "AWS refused config:DescribeConfigurationRecorders" in text

    def test_groups_by_ou_and_filters_by_state_of_a_service(self, ada, acme):
        covered_kinds(acme.run, PAYMENTS, [TRAIL])
        configuration(acme.connection, TRAIL, PAYMENTS, **GOOD_TRAIL)
        asked = THEN | {"service": "cloudtrail", "health": "good"}
        answer, text = page(ada, acme, "landing-zone-logging", asked)
        [group] = answer.context["rows"].object_list
        assert group["name"] == "Workloads / Prod"
        assert [row["account"].account_id for row in group["accounts"]] == [PAYMENTS]
        assert "1 account" in text

    def test_goes_from_page_to_page_by_the_account_before_and_back(self, ada, acme, monkeypatch):
        whole = self.accounts(page(ada, acme, "landing-zone-logging")[0])
        monkeypatch.setattr(log_picture, "PAGE_SIZE", 2)
        shown, steps = [], []
        answer, _ = page(ada, acme, "landing-zone-logging")
        while True:
            shown += self.accounts(answer)
            steps.append(answer)
            if not answer.context["next_href"]:
                break
            asked = QueryDict(answer.context["next_href"][1:]).dict()
            answer, _ = page(ada, acme, "landing-zone-logging", asked)

        assert shown == whole
        assert len(steps) == (len(whole) + 1) // 2 > 2
        asked = QueryDict(steps[2].context["previous_href"][1:]).dict()
        answer, _ = page(ada, acme, "landing-zone-logging", asked)
        assert self.accounts(answer) == self.accounts(steps[1])

    def accounts(self, answer):
        """Return the ids of the accounts on a page."""
        groups = answer.context["rows"].object_list
        return [row["account"].account_id for group in groups for row in group["accounts"]]

    def test_shows_a_reading_of_weeks_ago_as_stale_and_never_as_on(self, ada, acme):
        covered_kinds(acme.run, PAYMENTS, [TRAIL])
        configuration(acme.connection, TRAIL, PAYMENTS, **GOOD_TRAIL)
        answer, _ = page(ada, acme, "landing-zone-logging", {})
        assert self.cells(answer, PAYMENTS)["CloudTrail"]["look"] == "stale"


@pytest.mark.parametrize(
    "name",
    ["landing-zone", "landing-zone-controls", "landing-zone-enforcement", "landing-zone-logging"],
)
def test_shows_whoever_sees_a_part_nothing_of_the_rest(client, tower, name):
    security = person("security", username="ada")
    CoreAccount.objects.create(
        connection=tower.connection,
        purpose="log_archive",
        account_id=LOG_ARCHIVE,
        confirmed_by=security,
        confirmed_at=FIRST_RUN_AT,
    )
    client.force_login(person("viewer", Place(tower.connection.pk, PAYMENTS), username="ben"))
    _, text = page(client, tower, name)
    content = text.split('id="content"')[1]
    assert "log-archive" not in content
    assert LOG_ARCHIVE not in content
    assert WEBSITE not in content
    assert "AWS-A" not in content
