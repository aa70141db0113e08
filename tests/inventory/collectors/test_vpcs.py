"""VPCs, internet gateways and flow logs, read from answers as EC2 gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.vpcs import collect_vpcs
from tests.inventory.collectors.service_stubs import ACCOUNT, read_partly
from tests.inventory.stubs import stubbed

OTHER = "333333333333"


@pytest.fixture
def ec2():
    with stubbed("ec2") as aws:
        yield aws


def vpc(name, owner=ACCOUNT, *, default=False):
    return {
        "VpcId": name,
        "OwnerId": owner,
        "CidrBlock": "10.0.0.0/16",
        "IsDefault": default,
        "BlockPublicAccessStates": {"InternetGatewayBlockMode": "off"},
    }


def flow_log(resource, traffic="ALL", status="ACTIVE", delivered="SUCCESS"):
    return {
        "FlowLogId": f"fl-{resource}-{traffic}",
        "ResourceId": resource,
        "TrafficType": traffic,
        "FlowLogStatus": status,
        "DeliverLogsStatus": delivered,
        "LogDestinationType": "s3",
        "LogDestination": "arn:aws:s3:::flow",
    }


def test_yields_own_vpcs_with_gateways_and_the_flow_logs_that_deliver(ec2):
    ec2.answers("describe_vpcs", {"Vpcs": [vpc("vpc-1", default=True)]}, MaxResults=1000)
    ec2.answers(
        "describe_internet_gateways",
        {
            "InternetGateways": [
                {"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1"}]},
                {"InternetGatewayId": "igw-2", "Attachments": []},
            ]
        },
    )
    ec2.answers(
        "describe_flow_logs",
        {
            "FlowLogs": [
                flow_log("vpc-1", "REJECT"),
                flow_log("vpc-1", "ALL", delivered="FAILED"),
                flow_log("subnet-9"),
            ]
        },
    )
    [found] = collect_vpcs(ec2.client)
    assert (found.name, found.facts["default"]) == ("vpc-1", True)
    assert found.facts["internet_gateways"] == ["igw-1"]
    assert found.facts["internet_block"] == "off"
    assert found.facts["flow_log_traffic"] == ["REJECT"]
    assert [each["delivery_status"] for each in found.facts["flow_logs"]] == ["FAILED", "SUCCESS"]


def test_asks_once_where_all_that_it_sees_is_shared_by_another_account(ec2):
    ec2.answers("describe_vpcs", {"Vpcs": [vpc("vpc-9", OTHER)]})
    [found] = collect_vpcs(ec2.client)
    assert found.arn == f"arn:aws:ec2:us-east-1:{OTHER}:vpc/vpc-9"
    assert (found.facts["shared_by_other_account"], found.facts["owner_account_id"]) == (
        True,
        OTHER,
    )
    assert (found.facts["flow_logs"], found.unknown) == (None, {})


def test_notes_flow_logs_that_may_not_be_read(ec2):
    ec2.answers("describe_vpcs", {"Vpcs": [vpc("vpc-1")]})
    ec2.answers("describe_internet_gateways", {"InternetGateways": []})
    ec2.refuses("describe_flow_logs", "UnauthorizedOperation")
    [found] = read_partly(AwsPartlyDenied, collect_vpcs(ec2.client))
    assert found.facts["internet_gateways"] == []
    assert found.facts["flow_log_traffic"] is None
    assert found.unknown == dict.fromkeys(
        ("flow_logs", "flow_log_traffic"), "UnauthorizedOperation"
    )


def test_raises_when_vpcs_may_not_be_read_instead_of_yielding_none(ec2):
    ec2.refuses("describe_vpcs", "UnauthorizedOperation")
    with pytest.raises(AwsReadDenied, match="ec2:DescribeVpcs"):
        list(collect_vpcs(ec2.client))
