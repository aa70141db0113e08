"""Transit gateways of an account, and what is attached to them from other accounts."""

from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, resources
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import AccessGrant, GranteeKind

_GATEWAY: Final = "transit-gateway"
_ATTACHMENT: Final = "transit-gateway-attachment"
_THROUGH: Final = "transit gateway attachment"
# Attachments through which packets pass.
_CONNECTED: Final = frozenset({"available", "modifying"})
_ENDED: Final = frozenset({"deleted", "deleting", "rejected", "rejecting", "failed", "failing"})


def collect_transit_gateways(ec2: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield the account's own gateways, and its attachments to gateways of others.

    A gateway lets in the accounts that are attached to it; an attachment lets in the account whose
    gateway it is attached to. Two calls, more only over a thousand.
    AWS: ec2:DescribeTransitGateways, DescribeTransitGatewayAttachments.
    """
    gateways = list(ec2.paginate("describe_transit_gateways", "TransitGateways", MaxResults=1000))
    attachments = [
        each
        for each in ec2.paginate(
            "describe_transit_gateway_attachments", "TransitGatewayAttachments", MaxResults=1000
        )
        if each["State"] not in _ENDED
    ]
    for gateway in gateways:
        if gateway["OwnerId"] == ec2.account_id and gateway["State"] not in _ENDED:
            attached = [
                each
                for each in attachments
                if each["TransitGatewayId"] == gateway["TransitGatewayId"]
            ]
            yield _gateway(ec2, gateway, attached)
    for attachment in attachments:
        if attachment["TransitGatewayOwnerId"] != ec2.account_id:
            yield _attachment(ec2, attachment)


def _gateway(ec2: AwsClient, gateway: AwsAnswer, attached: list[AwsAnswer]) -> ResourcePolicyRecord:
    gateway_id: str = gateway["TransitGatewayId"]
    options = gateway.get("Options") or {}
    grants = [
        _grant(each, str(each["ResourceOwnerId"]))
        for each in attached
        if each["State"] in _CONNECTED and each["ResourceOwnerId"] != ec2.account_id
    ]
    return ResourceParts(ec2, "ec2").record(
        _GATEWAY,
        _arn(ec2, _GATEWAY, gateway_id),
        gateway_id,
        None,
        facts={
            "auto_accepts_shared_attachments": options.get("AutoAcceptSharedAttachments")
            == "enable"
        },
        grants=sorted(grants, key=lambda each: (each.grantee, each.name)),
    )


def _attachment(ec2: AwsClient, attachment: AwsAnswer) -> ResourcePolicyRecord:
    attachment_id: str = attachment["TransitGatewayAttachmentId"]
    grants = []
    if attachment["State"] in _CONNECTED:
        grants = [_grant(attachment, str(attachment["TransitGatewayOwnerId"]))]
    return ResourceParts(ec2, "ec2").record(
        _ATTACHMENT,
        _arn(ec2, _ATTACHMENT, attachment_id),
        attachment_id,
        None,
        facts={
            "status": attachment["State"],
            "transit_gateway_id": attachment["TransitGatewayId"],
            "transit_gateway_owner_id": attachment["TransitGatewayOwnerId"],
        },
        grants=grants,
    )


def _grant(attachment: AwsAnswer, account_id: str) -> AccessGrant:
    return AccessGrant(
        GranteeKind.ACCOUNT,
        account_id,
        _THROUGH,
        name=attachment["TransitGatewayAttachmentId"],
        conditions={
            "resource_type": attachment["ResourceType"],
            "resource_id": attachment.get("ResourceId", ""),
        },
    )


def _arn(ec2: AwsClient, resource_type: str, resource_id: str) -> str:
    return f"arn:{ec2.partition}:ec2:{ec2.region}:{ec2.account_id}:{resource_type}/{resource_id}"


COLLECTORS = (
    Collector(
        name="network.transit_gateways",
        label="Transit gateways and attachments",
        scope=Scope.REGIONAL,
        service="ec2",
        actions=(
            Action(
                "ec2:DescribeTransitGateways",
                "transit gateways and whether they accept shared attachments by themselves",
                given={"MaxResults": 5},
            ),
            Action(
                "ec2:DescribeTransitGatewayAttachments",
                "which accounts are attached to them",
                given={"MaxResults": 5},
            ),
        ),
        read=alone(collect_transit_gateways),
        covers=resources("ec2", _GATEWAY, _ATTACHMENT),
    ),
)
