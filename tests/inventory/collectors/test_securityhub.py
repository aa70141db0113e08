"""Security Hub, read from answers as Security Hub gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.securityhub import collect_security_hubs
from tests.inventory.collectors.service_stubs import read_partly
from tests.inventory.stubs import stubbed

HUB = "arn:aws:securityhub:us-east-1:222222222222:hub/default"
STANDARD = "arn:aws:securityhub:us-east-1::standards/"


@pytest.fixture
def securityhub():
    with stubbed("securityhub") as aws:
        yield aws


def subscription(name, status):
    return {
        "StandardsSubscriptionArn": f"{HUB}/{name}",
        "StandardsArn": f"{STANDARD}{name}",
        "StandardsInput": {},
        "StandardsStatus": status,
    }


def is_on(aws):
    aws.answers(
        "describe_hub",
        {
            "HubArn": HUB,
            "AutoEnableControls": True,
            "ControlFindingGenerator": "SECURITY_CONTROL",
        },
    )


def test_yields_the_standards_that_are_ready_and_those_that_are_not(securityhub):
    is_on(securityhub)
    securityhub.answers(
        "get_enabled_standards",
        {
            "StandardsSubscriptions": [
                subscription("cis", "READY"),
                subscription("pci", "INCOMPLETE"),
            ]
        },
        MaxResults=100,
    )
    securityhub.refuses("describe_organization_configuration", "InvalidAccessException")
    [found] = collect_security_hubs(securityhub.client)
    assert found.arn == HUB
    assert found.facts["standards"] == [f"{STANDARD}cis"]
    assert found.facts["standards_not_ready"] == [f"{STANDARD}pci"]
    assert found.facts["auto_enable_members"] is None


def test_yields_what_the_administrator_enables(securityhub):
    is_on(securityhub)
    securityhub.answers("get_enabled_standards", {"StandardsSubscriptions": []})
    securityhub.answers(
        "describe_organization_configuration",
        {
            "AutoEnable": True,
            "AutoEnableStandards": "NONE",
            "OrganizationConfiguration": {"ConfigurationType": "CENTRAL"},
        },
    )
    [found] = collect_security_hubs(securityhub.client)
    assert found.facts["auto_enable_members"] is True
    assert found.facts["auto_enable_standards"] == "NONE"
    assert found.facts["configuration_type"] == "CENTRAL"


def test_yields_nothing_where_it_is_off(securityhub):
    securityhub.refuses(
        "describe_hub", "InvalidAccessException", service_message="is not subscribed"
    )
    assert list(collect_security_hubs(securityhub.client)) == []


def test_raises_when_it_may_not_be_read_instead_of_yielding_that_it_is_off(securityhub):
    securityhub.refuses("describe_hub")
    with pytest.raises(AwsReadDenied, match="securityhub:DescribeHub"):
        list(collect_security_hubs(securityhub.client))


def test_notes_standards_that_may_not_be_read(securityhub):
    is_on(securityhub)
    securityhub.refuses("get_enabled_standards")
    securityhub.refuses("describe_organization_configuration", "InvalidAccessException")
    [found] = read_partly(AwsPartlyDenied, collect_security_hubs(securityhub.client))
    assert found.facts["standards"] is None
    assert found.unknown["standards"] == "AccessDeniedException"
