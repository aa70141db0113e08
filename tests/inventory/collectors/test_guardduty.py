"""GuardDuty's detectors, read from answers as GuardDuty gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.guardduty import collect_guardduty_detectors
from tests.inventory.collectors.service_stubs import read_partly
from tests.inventory.stubs import stubbed

DETECTOR = "12abc34d567e8fa901bc2d34e56789f0"


@pytest.fixture
def guardduty():
    with stubbed("guardduty") as aws:
        yield aws


def lists(aws, *, status="ENABLED"):
    aws.answers("list_detectors", {"DetectorIds": [DETECTOR]}, MaxResults=50)
    aws.answers(
        "get_detector",
        {
            "ServiceRole": "role",
            "Status": status,
            "FindingPublishingFrequency": "SIX_HOURS",
            "Features": [
                {"Name": "S3_DATA_EVENTS", "Status": "ENABLED"},
                {"Name": "RDS_LOGIN_EVENTS", "Status": "DISABLED"},
            ],
        },
        DetectorId=DETECTOR,
    )


def test_yields_the_detector_of_a_member_account_without_what_an_administrator_enables(guardduty):
    lists(guardduty, status="DISABLED")
    guardduty.refuses("describe_organization_configuration", "BadRequestException")
    [found] = collect_guardduty_detectors(guardduty.client)
    assert found.arn == f"arn:aws:guardduty:us-east-1:222222222222:detector/{DETECTOR}"
    assert (found.facts["enabled"], found.facts["features"]) == (False, ["S3_DATA_EVENTS"])
    assert (found.facts["auto_enable_members"], found.unknown) == (None, {})


def test_yields_what_the_administrator_enables(guardduty):
    lists(guardduty)
    guardduty.answers(
        "describe_organization_configuration",
        {
            "MemberAccountLimitReached": False,
            "AutoEnableOrganizationMembers": "ALL",
            "Features": [{"Name": "S3_DATA_EVENTS", "AutoEnable": "NEW"}],
        },
        DetectorId=DETECTOR,
    )
    [found] = collect_guardduty_detectors(guardduty.client)
    assert found.facts["auto_enable_members"] == "ALL"
    assert found.facts["auto_enable_features"] == {"S3_DATA_EVENTS": "NEW"}


def test_says_that_it_may_not_see_what_the_administrator_enables(guardduty):
    lists(guardduty)
    guardduty.refuses("describe_organization_configuration")
    [found] = read_partly(AwsPartlyDenied, collect_guardduty_detectors(guardduty.client))
    assert found.unknown["auto_enable_members"] == "AccessDeniedException"


def test_yields_nothing_where_guardduty_was_never_on(guardduty):
    guardduty.answers("list_detectors", {"DetectorIds": []})
    assert list(collect_guardduty_detectors(guardduty.client)) == []


def test_raises_when_detectors_may_not_be_listed_instead_of_yielding_none(guardduty):
    guardduty.refuses("list_detectors")
    with pytest.raises(AwsReadDenied, match="guardduty:ListDetectors"):
        list(collect_guardduty_detectors(guardduty.client))
