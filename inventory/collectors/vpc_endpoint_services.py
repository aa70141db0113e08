"""VPC endpoint services: what an account offers to the networks of others, and to whom."""

from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import GRANTS, AccessGrant, GranteeKind

_TYPE: Final = "vpc-endpoint-service"
_THROUGH: Final = "vpc endpoint service"
_GONE: Final = "InvalidVpcEndpointServiceId.NotFound"
_ENDED: Final = frozenset({"deleted", "deleting", "failed"})
_KINDS: Final = {
    "All": GranteeKind.EVERYONE,
    "Account": GranteeKind.ACCOUNT,
    "OrganizationUnit": GranteeKind.ORGANIZATIONAL_UNIT,
    "Service": GranteeKind.SERVICE,
    "User": GranteeKind.PRINCIPAL,
    "Role": GranteeKind.PRINCIPAL,
}


def collect_vpc_endpoint_services(ec2: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each endpoint service of the account with those who may make endpoints to it.

    One call a thousand services, and one a service.
    AWS: ec2:DescribeVpcEndpointServiceConfigurations, DescribeVpcEndpointServicePermissions.
    """
    yield from read_resources(
        ec2,
        "ec2",
        lambda: [
            each
            for each in ec2.paginate(
                "describe_vpc_endpoint_service_configurations",
                "ServiceConfigurations",
                MaxResults=1000,
            )
            if each["ServiceState"].lower() not in _ENDED
        ],
        _service,
        id_of=lambda service: str(service["ServiceId"]),
        gone=(_GONE,),
    )


def _service(service: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    service_id: str = service["ServiceId"]
    ec2 = parts.client
    grants = parts.reading(
        GRANTS,
        lambda: [
            _grant(each)
            for each in ec2.paginate(
                "describe_vpc_endpoint_service_permissions",
                "AllowedPrincipals",
                ServiceId=service_id,
            )
        ],
    )
    yield parts.record(
        _TYPE,
        f"arn:{ec2.partition}:ec2:{ec2.region}:{ec2.account_id}:{_TYPE}/{service_id}",
        service_id,
        None,
        facts={
            "service_name": service["ServiceName"],
            "acceptance_required": service["AcceptanceRequired"],
        },
        grants=None
        if grants is None
        else sorted(grants, key=lambda grant: (grant.kind, grant.grantee)),
    )


def _grant(allowed: AwsAnswer) -> AccessGrant:
    kind = _KINDS.get(allowed["PrincipalType"])
    if kind is None:
        raise allowed.malformed("PrincipalType", f"is {allowed['PrincipalType']!r}")
    principal: str = allowed["Principal"]
    if kind is GranteeKind.ACCOUNT:
        # `arn:aws:iam::111122223333:root`
        principal = principal.split(":")[4] if principal.startswith("arn:") else principal
    return AccessGrant(kind, principal, _THROUGH)


COLLECTORS = (
    Collector(
        name="network.vpc_endpoint_services",
        label="VPC endpoint services",
        scope=Scope.REGIONAL,
        service="ec2",
        actions=(
            Action(
                "ec2:DescribeVpcEndpointServiceConfigurations",
                "what the account offers to other networks",
                given={"MaxResults": 5},
                finds={"service_id": ("ServiceConfigurations", 0, "ServiceId")},
            ),
            Action(
                "ec2:DescribeVpcEndpointServicePermissions",
                "to whom each endpoint service is offered",
                given={"ServiceId": "{service_id}"},
            ),
        ),
        read=alone(collect_vpc_endpoint_services),
        covers=resources("ec2", _TYPE),
    ),
)
