"""How services are set up in the demo, as its simulator answers, and as writes change it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo.seeding.organization_files import read_organization
from demo.seeding.protection import protection
from demo.seeding.reading import BadOrganization, Node
from demo.simulator.calls import Call, Caller
from demo.simulator.errors import AwsError
from demo.simulator.organizations.state import Account, Organization
from demo.simulator.protection.operations import answer_protection

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PLAN = read_organization(Path(__file__).parents[3] / "demo" / "organization")
IDS = {account.name: account.account_id for account in PLAN.accounts}
assert PLAN.protection is not None
PROTECTION = PLAN.protection
VARIABLES = {f"account:{name}": account_id for name, account_id in IDS.items()}


@pytest.fixture
def ask():
    """Return a function that calls an operation in the name of an account."""
    state = protection(PROTECTION, accounts=PLAN.accounts, variables=VARIABLES, seeded_at=NOW)
    management = IDS[PLAN.management_account]
    organization = Organization(PLAN.organization_id, management, PLAN.root_id)
    for account in PLAN.accounts:
        organization.add_account(
            Account(account.account_id, account.name, "a@example.com", PLAN.root_id, NOW)
        )

    def call(account, name, region="eu-central-1", **given):
        service, _, operation = name.partition(":")
        asked = Call(service, operation, "json", "", "", region, b"", given)
        caller = Caller(IDS[account], "", "", "Role", "", "", "")
        return answer_protection(asked, caller, state, organization)

    return call


def test_shows_the_organizations_trail_to_its_members_and_lets_its_owner_alone_stop_it(ask):
    shown = ask("crm-prod", "cloudtrail:DescribeTrails", includeShadowTrails=True)["trailList"]
    assert [each["Name"] for each in shown] == ["halden"]
    assert ask("crm-prod", "cloudtrail:DescribeTrails", includeShadowTrails=False) == {
        "trailList": []
    }
    arn = shown[0]["TrailARN"]
    with pytest.raises(AwsError) as refused:
        ask("crm-prod", "cloudtrail:StopLogging", Name=arn)
    assert refused.value.code == "NotOrganizationMasterAccountException"
    ask("halden-management", "cloudtrail:StopLogging", Name="halden")
    assert ask("crm-prod", "cloudtrail:GetTrailStatus", Name=arn)["IsLogging"] is False


def test_has_the_gaps_that_are_planted_and_what_is_set_up_elsewhere(ask):
    assert ask("norrland-mail", "guardduty:ListDetectors") == {"detectorIds": []}
    [detector] = ask("booking-api-prod", "guardduty:ListDetectors")["detectorIds"]
    found = ask("booking-api-prod", "guardduty:GetDetector", DetectorId=detector)
    assert found["status"] == "ENABLED"
    with pytest.raises(AwsError, match="not subscribed"):
        ask("norrland-mail", "securityhub:DescribeHub")
    assert ask("crm-prod", "config:DescribeDeliveryChannelStatus")["DeliveryChannelsStatus"][0][
        "configHistoryDeliveryInfo"
    ] == {"lastStatus": "FAILURE", "lastErrorCode": "AccessDenied"}
    assert ask("fleet-planning-prod", "ec2:GetEbsEncryptionByDefault")["EbsEncryptionByDefault"]
    there = ask("fleet-planning-prod", "ec2:GetEbsEncryptionByDefault", region="us-east-1")
    assert there == {"EbsEncryptionByDefault": False}


def test_suspends_and_deletes_a_detector(ask):
    [detector] = ask("crm-prod", "guardduty:ListDetectors")["detectorIds"]
    ask("crm-prod", "guardduty:UpdateDetector", DetectorId=detector, enable=False)
    found = ask("crm-prod", "guardduty:GetDetector", DetectorId=detector)
    assert found["status"] == "DISABLED"
    ask("crm-prod", "guardduty:DeleteDetector", DetectorId=detector)
    assert ask("crm-prod", "guardduty:ListDetectors") == {"detectorIds": []}


def test_refuses_a_gap_that_it_does_not_know():
    value = {**PROTECTION.value, "accounts": [{"name": "crm-prod", "without": ["coffee"]}]}
    with pytest.raises(BadOrganization, match="unknown 'coffee'"):
        protection(
            Node("protection.yaml", value),
            accounts=PLAN.accounts,
            variables=VARIABLES,
            seeded_at=NOW,
        )
