"""Transit gateways and attachments, read from answers as EC2 gives them."""

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.collectors.transit_gateways import collect_transit_gateways
from inventory.resource_facts import AccessGrant, GranteeKind, grants_of
from tests.inventory.stubs import stubbed

OURS, THEIRS = "222222222222", "999999999999"


@pytest.fixture
def ec2():
    with stubbed("ec2") as aws:
        yield aws


def answers(ec2, *, gateways=(), attachments=()):
    ec2.answers("describe_transit_gateways", {"TransitGateways": list(gateways)}, MaxResults=1000)
    ec2.answers(
        "describe_transit_gateway_attachments",
        {"TransitGatewayAttachments": list(attachments)},
        MaxResults=1000,
    )


def gateway(name, owner=OURS, *, accepts="disable"):
    return {
        "TransitGatewayId": name,
        "OwnerId": owner,
        "State": "available",
        "Options": {"AutoAcceptSharedAttachments": accepts},
    }


def attachment(name, of, gateway_owner=OURS, resource_owner=OURS, state="available"):
    return {
        "TransitGatewayAttachmentId": name,
        "TransitGatewayId": of,
        "TransitGatewayOwnerId": gateway_owner,
        "ResourceOwnerId": resource_owner,
        "ResourceType": "vpc",
        "ResourceId": "vpc-1",
        "State": state,
    }


def test_yields_the_accounts_attached_to_each_gateway(ec2):
    answers(
        ec2,
        gateways=[gateway("tgw-1", accepts="enable"), gateway("tgw-2"), gateway("tgw-9", THEIRS)],
        attachments=[
            attachment("tgw-attach-1", "tgw-1", resource_owner=THEIRS),
            attachment("tgw-attach-2", "tgw-1"),
            attachment("tgw-attach-3", "tgw-2", resource_owner=THEIRS, state="pendingAcceptance"),
            attachment("tgw-attach-4", "tgw-2", resource_owner=THEIRS, state="deleted"),
        ],
    )
    first, second = collect_transit_gateways(ec2.client)
    assert first.arn == f"arn:aws:ec2:us-east-1:{OURS}:transit-gateway/tgw-1"
    assert first.facts["auto_accepts_shared_attachments"]
    assert grants_of(first.facts) == (
        AccessGrant(
            GranteeKind.ACCOUNT,
            THEIRS,
            "transit gateway attachment",
            name="tgw-attach-1",
            conditions={"resource_type": "vpc", "resource_id": "vpc-1"},
        ),
    )
    assert grants_of(second.facts) == ()
    assert ec2.log.calls.total() == 2


def test_yields_the_accounts_own_attachments_to_the_gateways_of_others(ec2):
    answers(ec2, attachments=[attachment("tgw-attach-1", "tgw-9", gateway_owner=THEIRS)])
    [found] = collect_transit_gateways(ec2.client)
    assert found.resource_type == "transit-gateway-attachment"
    [grant] = grants_of(found.facts) or ()
    assert grant.grantee == THEIRS


@pytest.mark.parametrize("refused", ["gateways", "attachments"])
def test_raises_when_one_may_not_be_read_instead_of_yielding_none(ec2, refused):
    if refused == "attachments":
        ec2.answers("describe_transit_gateways", {"TransitGateways": []})
        ec2.refuses("describe_transit_gateway_attachments", "UnauthorizedOperation")
    else:
        ec2.refuses("describe_transit_gateways", "UnauthorizedOperation")
    with pytest.raises(AwsReadDenied, match="ec2:DescribeTransitGateway"):
        list(collect_transit_gateways(ec2.client))
