"""Control Tower's landing zone, controls and baselines, read from answers as it gives them."""

import pytest

from inventory.aws.errors import AwsCallsUsedUp, AwsReadDenied, AwsReadFailed
from inventory.collectors.control_tower import (
    collect_enabled_baselines,
    collect_enabled_controls,
    collect_landing_zone,
)
from inventory.service_facts import LANDING_ZONE
from tests.inventory.collectors.service_stubs import ACCOUNT, earlier, read_partly
from tests.inventory.stubs import stubbed

ZONE = f"arn:aws:controltower:us-east-1:{ACCOUNT}:landingzone/1A2B3C4D5E6F7G8H"
ENABLED = f"arn:aws:controltower:us-east-1:{ACCOUNT}:enabledcontrol/ABCDEFGHIJKLMNOP"
CONTROL = "arn:aws:controltower:us-east-1::control/AWS-GR_ENCRYPTED_VOLUMES"
UNIT = f"arn:aws:organizations::{ACCOUNT}:ou/o-exampleorg1/ou-ab12-11111111"
FIRST = "0f2f6d0a-0000-4000-8000-000000000001"
SECOND = "0f2f6d0a-0000-4000-8000-000000000002"
MEMBER = f"arn:aws:organizations::{ACCOUNT}:account/o-exampleorg1/333333333333"


@pytest.fixture
def controltower():
    with stubbed("controltower") as aws:
        yield aws


class TestCollectLandingZone:
    def test_yields_version_drift_and_the_core_accounts_of_the_manifest(self, controltower):
        controltower.answers("list_landing_zones", {"landingZones": [{"arn": ZONE}]})
        controltower.answers(
            "get_landing_zone",
            {
                "landingZone": {
                    "arn": ZONE,
                    "version": "3.3",
                    "latestAvailableVersion": "4.0",
                    "status": "ACTIVE",
                    "driftStatus": {"status": "DRIFTED"},
                    "manifest": {
                        "governedRegions": ["us-east-1", "eu-west-1"],
                        "centralizedLogging": {"accountId": "444444444444"},
                        "securityRoles": {"accountId": "555555555555"},
                        "backup": {
                            "enabled": True,
                            "configurations": {"centralBackup": {"accountId": "666666666666"}},
                        },
                    },
                }
            },
            landingZoneIdentifier=ZONE,
        )
        [found] = collect_landing_zone(controltower.client)
        assert found.account_id == ACCOUNT
        assert (found.facts["version"], found.facts["latest_version"]) == ("3.3", "4.0")
        assert found.facts["drift_status"] == "DRIFTED"
        assert found.facts["governed_regions"] == ["eu-west-1", "us-east-1"]
        assert found.facts["log_archive_account_id"] == "444444444444"
        assert found.facts["security_account_id"] == "555555555555"
        assert found.facts["backup_account_id"] == "666666666666"
        assert found.facts["config_account_id"] is None

    def test_yields_nothing_where_there_is_none(self, controltower):
        controltower.answers("list_landing_zones", {"landingZones": []})
        assert list(collect_landing_zone(controltower.client)) == []

    def test_raises_when_it_may_not_be_read_instead_of_yielding_none(self, controltower):
        controltower.refuses("list_landing_zones")
        with pytest.raises(AwsReadDenied, match="controltower:ListLandingZones"):
            list(collect_landing_zone(controltower.client))


def with_zone(kept=(), *, calls=100):
    zone = LANDING_ZONE.record({}, region="us-east-1", name=ZONE)
    return earlier({LANDING_ZONE.collector: (zone,)}, kept, calls=calls)


def enabled(drift="IN_SYNC", operation=FIRST):
    return {
        "arn": ENABLED,
        "controlIdentifier": CONTROL,
        "targetIdentifier": UNIT,
        "statusSummary": {"status": "SUCCEEDED", "lastOperationIdentifier": operation},
        "driftStatusSummary": {"driftStatus": drift},
    }


class TestCollectEnabledControls:
    def lists(self, aws, *controls):
        aws.answers("list_enabled_controls", {"enabledControls": list(controls)}, maxResults=100)

    def details(self, aws):
        more = {
            "parameters": [{"key": "AllowedRegions", "value": ["us-east-1"]}],
            "targetRegions": [{"name": "us-east-1"}],
        }
        aws.answers(
            "get_enabled_control",
            {"enabledControlDetails": {**enabled(), **more}},
            enabledControlIdentifier=ENABLED,
        )

    @pytest.mark.parametrize("drift", ["IN_SYNC", "DRIFTED", "NOT_CHECKING", "UNKNOWN"])
    def test_yields_each_state_of_drift(self, controltower, drift):
        self.lists(controltower, enabled(drift))
        self.details(controltower)
        [found] = collect_enabled_controls(controltower.client, with_zone())
        assert found.facts["drift_status"] == drift
        assert found.facts["target_id"] == "ou-ab12-11111111"
        assert found.facts["parameters"] == {"AllowedRegions": ["us-east-1"]}
        assert found.facts["target_regions"] == ["us-east-1"]

    def test_reads_parameters_again_only_after_another_operation(self, controltower):
        self.lists(controltower, enabled())
        self.details(controltower)
        [first] = collect_enabled_controls(controltower.client, with_zone())
        self.lists(controltower, enabled("DRIFTED"))
        [second] = collect_enabled_controls(controltower.client, with_zone([first]))
        assert second.facts == {**first.facts, "drift_status": "DRIFTED"}
        self.lists(controltower, enabled(operation=SECOND))
        self.details(controltower)
        [third] = collect_enabled_controls(controltower.client, with_zone([first]))
        assert third.facts["last_operation"] == SECOND

    def test_is_incomplete_where_the_calls_do_not_suffice_and_yields_the_control(
        self, controltower
    ):
        self.lists(controltower, enabled())
        [found] = read_partly(
            AwsCallsUsedUp, collect_enabled_controls(controltower.client, with_zone(calls=0))
        )
        assert found.facts["parameters"] is None
        assert found.unknown["parameters"] == "CallsUsedUp"

    def test_is_no_empty_answer_where_the_landing_zone_is_not_known(self, controltower):
        with pytest.raises(AwsReadFailed, match=r"control_tower\.landing_zone"):
            list(collect_enabled_controls(controltower.client, earlier()))

    def test_calls_nothing_where_there_is_no_landing_zone(self, controltower):
        none = earlier({LANDING_ZONE.collector: ()})
        assert list(collect_enabled_controls(controltower.client, none)) == []


class TestCollectEnabledBaselines:
    def test_yields_units_and_the_accounts_that_are_enrolled_in_them(self, controltower):
        baseline = "arn:aws:controltower:us-east-1::baseline/17BSJV3IGJ2QSGA2"
        arn = f"arn:aws:controltower:us-east-1:{ACCOUNT}:enabledbaseline/"
        of_unit = {
            "arn": f"{arn}XAEKRVH8KD5WU8QKD",
            "baselineIdentifier": baseline,
            "baselineVersion": "5.0",
            "targetIdentifier": UNIT,
            "statusSummary": {"status": "SUCCEEDED"},
            "driftStatusSummary": {"types": {"inheritance": {"status": "DRIFTED"}}},
        }
        of_account = {
            **of_unit,
            "arn": f"{arn}YAEKRVH8KD5WU8QKD",
            "targetIdentifier": MEMBER,
            "parentIdentifier": of_unit["arn"],
        }
        controltower.answers(
            "list_baselines",
            {"baselines": [{"arn": baseline, "name": "AWSControlTowerBaseline"}]},
        )
        controltower.answers(
            "list_enabled_baselines",
            {"enabledBaselines": [of_unit, of_account]},
            includeChildren=True,
            maxResults=100,
        )
        unit, account = collect_enabled_baselines(controltower.client, with_zone())
        assert unit.facts["baseline"] == "AWSControlTowerBaseline"
        assert unit.facts["inheritance_drift"] == "DRIFTED"
        assert (account.facts["target_id"], account.facts["parent"]) == (
            "333333333333",
            unit.arn,
        )
