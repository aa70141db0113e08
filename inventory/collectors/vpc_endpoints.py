"""VPC endpoints and their policies, which limit what passes through them."""

from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, resources
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import VPC_ENDPOINT

_ENDED: Final = frozenset({"deleted", "deleting", "rejected", "failed", "expired"})


def collect_vpc_endpoints(ec2: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each endpoint of the region's VPCs with its policy, and the service it leads to.

    One call a thousand endpoints.
    AWS: ec2:DescribeVpcEndpoints.
    """
    for endpoint in ec2.paginate("describe_vpc_endpoints", "VpcEndpoints", MaxResults=1000):
        # EC2 writes states now with a capital, now without.
        if endpoint["State"].lower() not in _ENDED:
            yield _record(ec2, endpoint)


def _record(ec2: AwsClient, endpoint: AwsAnswer) -> ResourcePolicyRecord:
    endpoint_id: str = endpoint["VpcEndpointId"]
    owner = endpoint.get("OwnerId") or ec2.account_id
    return ResourceParts(ec2, "ec2").record(
        VPC_ENDPOINT,
        f"arn:{ec2.partition}:ec2:{ec2.region}:{owner}:{VPC_ENDPOINT}/{endpoint_id}",
        endpoint_id,
        # Endpoints of services that take no policy have none.
        endpoint.get("PolicyDocument") or None,
        facts={
            "vpc_id": endpoint["VpcId"],
            "service_name": endpoint.get("ServiceName", ""),
            "endpoint_type": endpoint["VpcEndpointType"],
            "owner_account_id": owner,
        },
    )


COLLECTORS = (
    Collector(
        name="network.vpc_endpoints",
        label="VPC endpoints",
        scope=Scope.REGIONAL,
        service="ec2",
        actions=(
            Action(
                "ec2:DescribeVpcEndpoints",
                "VPC endpoints and their policies",
                given={"MaxResults": 5},
            ),
        ),
        read=alone(collect_vpc_endpoints),
        covers=resources("ec2", VPC_ENDPOINT),
    ),
)
