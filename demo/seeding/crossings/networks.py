"""Networks that reach into other accounts."""

from collections.abc import Callable, Mapping
from typing import Final

from demo.seeding.crossings.adding import REGION, Adding
from demo.seeding.principals import document


def _peering(adding: Adding) -> None:
    adding.entries("requester", "accepter", "status")
    ends = [adding.account(adding.text(side)) for side in ("requester", "accepter")]
    info = [
        {
            "OwnerId": account_id,
            "VpcId": adding.id("vpc-", account_id),
            "Region": REGION,
            "CidrBlock": f"10.{number}.0.0/16",
        }
        for number, account_id in enumerate(ends, start=40)
    ]
    status = adding.text("status") if "status" in adding.node.mapping() else "active"
    members = {
        "VpcPeeringConnectionId": adding.id("pcx-", *ends),
        "RequesterVpcInfo": info[0],
        "AccepterVpcInfo": info[1],
        "Status": {"Code": status, "Message": status},
    }
    for account_id in dict.fromkeys(ends):
        adding.add("vpc_peering_connection", account_id, members)


def _transit_gateway(adding: Adding) -> None:
    adding.entries("account", "name", "auto_accept", "attached")
    owner = adding.account_id
    gateway_id = adding.id("tgw-", owner, adding.text("name"))
    adding.add(
        "transit_gateway",
        owner,
        {
            "TransitGatewayId": gateway_id,
            "TransitGatewayArn": f"arn:aws:ec2:{REGION}:{owner}:transit-gateway/{gateway_id}",
            "OwnerId": owner,
            "State": "available",
            "Description": adding.text("name"),
            "Options": {
                "AutoAcceptSharedAttachments": "enable" if adding.flag("auto_accept") else "disable"
            },
        },
    )
    for name in adding.texts("attached"):
        account_id = adding.account(name)
        members = {
            "TransitGatewayAttachmentId": adding.id("tgw-attach-", gateway_id, account_id),
            "TransitGatewayId": gateway_id,
            "TransitGatewayOwnerId": owner,
            "ResourceOwnerId": account_id,
            "ResourceType": "vpc",
            "ResourceId": adding.id("vpc-", account_id),
            "State": "available",
        }
        for sees in dict.fromkeys((owner, account_id)):
            adding.add("transit_gateway_attachment", sees, members)


def _vpc_endpoint(adding: Adding) -> None:
    entries = adding.entries("account", "service", "policy")
    owner, service = adding.account_id, adding.text("service")
    members = {
        "VpcEndpointId": adding.id("vpce-", owner, service),
        "VpcEndpointType": "Gateway" if service in {"s3", "dynamodb"} else "Interface",
        "VpcId": adding.id("vpc-", owner),
        "ServiceName": f"com.amazonaws.{REGION}.{service}",
        "State": "available",
        "OwnerId": owner,
    }
    if "policy" in entries:
        members["PolicyDocument"] = document(entries["policy"])
    adding.add("vpc_endpoint", owner, members)


def _vpc_endpoint_service(adding: Adding) -> None:
    adding.entries("account", "name", "acceptance_required", "principals")
    owner = adding.account_id
    service_id = adding.id("vpce-svc-", owner, adding.text("name"))
    kinds = {"*": "All", "root": "Account", "role": "Role", "user": "User"}
    allowed = []
    for principal in adding.texts("principals"):
        last = principal.rpartition(":")[2].partition("/")[0]
        allowed.append({"PrincipalType": kinds.get(last, "Service"), "Principal": principal})
    adding.add(
        "vpc_endpoint_service",
        owner,
        {
            "ServiceId": service_id,
            "ServiceName": f"com.amazonaws.vpce.{REGION}.{service_id}",
            "ServiceState": "Available",
            "AcceptanceRequired": adding.flag("acceptance_required"),
        },
        DescribeVpcEndpointServicePermissions={"AllowedPrincipals": allowed},
    )


KINDS: Final[Mapping[str, Callable[[Adding], None]]] = {
    "vpc_peering_connections": _peering,
    "transit_gateways": _transit_gateway,
    "vpc_endpoints": _vpc_endpoint,
    "vpc_endpoint_services": _vpc_endpoint_service,
}
