"""VPC endpoints, read from answers as EC2 gives them."""

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.collectors.vpc_endpoints import collect_vpc_endpoints
from inventory.resource_facts import lets_in
from tests.inventory.stubs import stubbed

OURS = "222222222222"
POLICY = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'


@pytest.fixture
def ec2():
    with stubbed("ec2") as aws:
        yield aws


def endpoint(name, state="available", **more):
    return {
        "VpcEndpointId": name,
        "VpcEndpointType": "Gateway",
        "VpcId": "vpc-1",
        "ServiceName": "com.amazonaws.us-east-1.s3",
        "State": state,
        "OwnerId": OURS,
        **more,
    }


def test_yields_each_endpoint_with_its_policy_as_aws_wrote_it(ec2):
    ec2.answers(
        "describe_vpc_endpoints",
        {
            "VpcEndpoints": [
                endpoint("vpce-1", PolicyDocument=POLICY),
                endpoint("vpce-2", VpcEndpointType="GatewayLoadBalancer"),
                endpoint("vpce-3", "Deleted"),
            ]
        },
        MaxResults=1000,
    )
    first, second = collect_vpc_endpoints(ec2.client)
    assert first.arn == f"arn:aws:ec2:us-east-1:{OURS}:vpc-endpoint/vpce-1"
    assert (first.content, second.content) == (POLICY, None)
    assert first.facts["service_name"] == "com.amazonaws.us-east-1.s3"


def test_a_policy_that_allows_everything_lets_nobody_in(ec2):
    ec2.answers("describe_vpc_endpoints", {"VpcEndpoints": [endpoint("vpce-1")]})
    [found] = collect_vpc_endpoints(ec2.client)
    assert not lets_in(found.service, found.resource_type)
    assert lets_in("s3", "bucket")


def test_raises_when_it_may_not_be_read_instead_of_yielding_none(ec2):
    ec2.refuses("describe_vpc_endpoints", "UnauthorizedOperation")
    with pytest.raises(AwsReadDenied, match="ec2:DescribeVpcEndpoints"):
        list(collect_vpc_endpoints(ec2.client))
