"""VPC peering connections, read from answers as EC2 gives them."""

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.collectors.vpc_peering_connections import collect_vpc_peering_connections
from inventory.resource_facts import AccessGrant, GranteeKind, grants_of
from tests.inventory.stubs import stubbed

OURS, THEIRS = "222222222222", "999999999999"
OPERATION = "describe_vpc_peering_connections"


@pytest.fixture
def ec2():
    with stubbed("ec2") as aws:
        yield aws


def end(account_id, vpc_id, region="us-east-1"):
    return {"OwnerId": account_id, "VpcId": vpc_id, "Region": region, "CidrBlock": "10.0.0.0/16"}


def connection(name, requester, accepter, status="active"):
    return {
        "VpcPeeringConnectionId": name,
        "RequesterVpcInfo": requester,
        "AccepterVpcInfo": accepter,
        "Status": {"Code": status},
    }


def test_yields_connections_page_by_page_and_whom_each_lets_in(ec2):
    asked = connection("pcx-1", end(OURS, "vpc-1"), end(THEIRS, "vpc-9", "eu-west-1"))
    accepted = connection("pcx-2", end(THEIRS, "vpc-8"), end(OURS, "vpc-2"))
    ec2.answers(OPERATION, {"VpcPeeringConnections": [asked], "NextToken": "more"}, MaxResults=1000)
    ec2.answers(OPERATION, {"VpcPeeringConnections": [accepted]}, MaxResults=1000, NextToken="more")
    first, second = collect_vpc_peering_connections(ec2.client)
    assert first.arn == f"arn:aws:ec2:us-east-1:{OURS}:vpc-peering-connection/pcx-1"
    assert first.facts["vpc_id"] == "vpc-1"
    assert grants_of(first.facts) == (
        AccessGrant(
            GranteeKind.ACCOUNT,
            THEIRS,
            "vpc peering",
            name="pcx-1",
            conditions={"vpc_id": "vpc-9", "region": "eu-west-1", "cidr_block": "10.0.0.0/16"},
        ),
    )
    assert second.facts["vpc_id"] == "vpc-2"
    [grant] = grants_of(second.facts) or ()
    assert grant.conditions["vpc_id"] == "vpc-8"


def test_tells_the_ends_of_one_account_in_two_regions_apart(ec2):
    both = connection("pcx-1", end(OURS, "vpc-1", "eu-west-1"), end(OURS, "vpc-2"))
    ec2.answers(OPERATION, {"VpcPeeringConnections": [both]})
    [found] = collect_vpc_peering_connections(ec2.client)
    assert found.facts["vpc_id"] == "vpc-2"


def test_yields_a_connection_that_is_not_accepted_without_access_and_none_that_ended(ec2):
    invited = {"OwnerId": THEIRS}
    ec2.answers(
        OPERATION,
        {
            "VpcPeeringConnections": [
                connection("pcx-1", end(OURS, "vpc-1"), invited, "pending-acceptance"),
                connection("pcx-2", end(OURS, "vpc-1"), end(THEIRS, "vpc-9"), "deleted"),
            ]
        },
    )
    [found] = collect_vpc_peering_connections(ec2.client)
    assert (found.name, grants_of(found.facts)) == ("pcx-1", ())


def test_raises_when_it_may_not_be_read_instead_of_yielding_none(ec2):
    ec2.refuses(OPERATION, "UnauthorizedOperation")
    with pytest.raises(AwsReadDenied, match="ec2:DescribeVpcPeeringConnections"):
        list(collect_vpc_peering_connections(ec2.client))
