"""VPC peering connections: networks of two VPCs that are one, perhaps of two accounts."""

from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, resources
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import AccessGrant, GranteeKind

_TYPE: Final = "vpc-peering-connection"
_ACTIVE: Final = "active"
# EC2 shows these for a while after their end.
_ENDED: Final = frozenset({"deleted", "rejected", "failed", "expired", "deleting"})


def collect_vpc_peering_connections(ec2: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each peering connection of the region's VPCs; one that is active lets in its other end.

    One call a thousand connections.
    AWS: ec2:DescribeVpcPeeringConnections.
    """
    listed = ec2.paginate(
        "describe_vpc_peering_connections", "VpcPeeringConnections", MaxResults=1000
    )
    for connection in listed:
        if connection["Status"]["Code"] not in _ENDED:
            yield _record(ec2, connection)


def _record(ec2: AwsClient, connection: AwsAnswer) -> ResourcePolicyRecord:
    connection_id: str = connection["VpcPeeringConnectionId"]
    requester, accepter = connection["RequesterVpcInfo"], connection["AccepterVpcInfo"]
    here, there = requester, accepter
    if not _is_here(ec2, requester):
        here, there = accepter, requester
    status = connection["Status"]["Code"]
    grants = []
    if status == _ACTIVE:
        grants = [
            AccessGrant(
                GranteeKind.ACCOUNT,
                there["OwnerId"],
                "vpc peering",
                name=connection_id,
                conditions={
                    "vpc_id": there.get("VpcId", ""),
                    "region": there.get("Region", ec2.region),
                    "cidr_block": there.get("CidrBlock", ""),
                },
            )
        ]
    return ResourceParts(ec2, "ec2").record(
        _TYPE,
        f"arn:{ec2.partition}:ec2:{ec2.region}:{ec2.account_id}:{_TYPE}/{connection_id}",
        connection_id,
        None,
        facts={
            "status": status,
            "vpc_id": here.get("VpcId", ""),
            "requester_account_id": requester["OwnerId"],
            "accepter_account_id": accepter["OwnerId"],
        },
        grants=grants,
    )


def _is_here(ec2: AwsClient, end: AwsAnswer) -> bool:
    return bool(end["OwnerId"] == ec2.account_id and end.get("Region", ec2.region) == ec2.region)


COLLECTORS = (
    Collector(
        name="network.vpc_peering_connections",
        label="VPC peering connections",
        scope=Scope.REGIONAL,
        service="ec2",
        actions=(
            Action(
                "ec2:DescribeVpcPeeringConnections",
                "VPC peering connections and whose VPCs they join",
                given={"MaxResults": 5},
            ),
        ),
        read=alone(collect_vpc_peering_connections),
        covers=resources("ec2", _TYPE),
    ),
)
