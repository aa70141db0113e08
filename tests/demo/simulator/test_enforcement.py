"""AWS shows a write at once and enforces it a little later."""

from datetime import UTC, datetime, timedelta

import pytest

from demo.simulator.organizations.enforcement import Enforcement
from demo.simulator.organizations.state import Account, Organization, Policy

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
SCP = "SERVICE_CONTROL_POLICY"


@pytest.fixture
def organization():
    made = Organization("o-exampleorg1", "111111111111", "r-ab12")
    made.enable_type(SCP)
    made.add_account(Account("200000000000", "app", "a@example.com", "r-ab12", NOW))
    made.policies["p-guard00"] = Policy("p-guard00", "guard", SCP, "", "{}")
    return made


def names(state):
    return {each.name for each in state.attached("200000000000", SCP)}


class TestEnforcement:
    def test_goes_on_as_before_for_its_seconds(self, organization):
        enforcement = Enforcement(seconds=60)
        enforcement.note(organization, NOW)
        organization.attach("p-guard00", "200000000000")
        soon, later = NOW + timedelta(seconds=59), NOW + timedelta(seconds=61)
        assert names(organization) == {"FullAWSAccess", "guard"}
        assert names(enforcement.state_at(organization, soon)) == {"FullAWSAccess"}
        assert names(enforcement.state_at(organization, later)) == {"FullAWSAccess", "guard"}

    def test_follows_writes_one_after_the_other(self, organization):
        enforcement = Enforcement(seconds=60)
        enforcement.note(organization, NOW)
        organization.attach("p-guard00", "200000000000")
        enforcement.note(organization, NOW + timedelta(seconds=30))
        organization.policies["p-guard00"].content = '{"new": 1}'
        at = enforcement.state_at(organization, NOW + timedelta(seconds=70))
        assert at.policies["p-guard00"].content == "{}"
        assert names(at) == {"FullAWSAccess", "guard"}

    def test_enforces_at_once_unless_told_otherwise(self, organization):
        enforcement = Enforcement()
        enforcement.note(organization, NOW)
        organization.attach("p-guard00", "200000000000")
        assert enforcement.state_at(organization, NOW) is organization
