"""RAM resource shares, read from answers as RAM gives them."""

import json

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.resource_shares import collect_resource_shares
from inventory.resource_facts import GranteeKind, grants_of
from tests.inventory.stubs import stubbed

ARN = "arn:aws:ram:us-east-1:222222222222:resource-share/7ab63972-b505-7e2a-420d-6f5d3EXAMPLE"
SUBNET = "arn:aws:ec2:us-east-1:222222222222:subnet/subnet-1"
GROUP = "arn:aws:organizations::111111111111:ou/o-exampleorg1/ou-ab12-11111111"


@pytest.fixture
def ram():
    with stubbed("ram") as aws:
        yield aws


def lists(ram, *shares):
    ram.answers(
        "get_resource_shares",
        {"resourceShares": list(shares)},
        resourceOwner="SELF",
        resourceShareStatus="ACTIVE",
    )


def associates(ram, kind, *entities, **more):
    ram.answers(
        "get_resource_share_associations",
        {
            "resourceShareAssociations": [
                {"resourceShareArn": ARN, "associatedEntity": each} for each in entities
            ],
            **more,
        },
        associationType=kind,
        associationStatus="ASSOCIATED",
    )


TEMPLATE = {"Effect": "Allow", "Action": ["ec2:RunInstances", "ec2:CreateNetworkInterface"]}
PERMISSION = "arn:aws:ram::aws:permission/AWSRAMDefaultPermissionSubnet"


def permits(ram, *templates):
    """Answer what the share permits: each version of a permission is asked for once."""
    ram.answers(
        "list_resource_share_permissions",
        {
            "permissions": [
                {"arn": PERMISSION, "version": str(n)} for n, _ in enumerate(templates, start=1)
            ]
        },
        resourceShareArn=ARN,
    )
    for number, template in enumerate(templates, start=1):
        ram.answers(
            "get_permission",
            {
                "permission": {
                    "arn": PERMISSION,
                    "name": f"Permission{number}",
                    "resourceType": "ec2:Subnet",
                    "permission": json.dumps(template),
                }
            },
            permissionArn=PERMISSION,
            permissionVersion=number,
        )


def share(*, outside):
    return {"resourceShareArn": ARN, "name": "subnets", "allowExternalPrincipals": outside}


def test_yields_each_share_with_resources_and_principals_of_every_kind(ram):
    role = "arn:aws:iam::999999999999:role/reader"
    organization = "arn:aws:organizations::111111111111:organization/o-exampleorg1"
    lists(ram, share(outside=True))
    principals = ("999999999999", organization, GROUP, role, "monitoring.rds.amazonaws.com")
    associates(ram, "PRINCIPAL", *principals)
    associates(ram, "RESOURCE", SUBNET)
    permits(ram, TEMPLATE)
    [found] = collect_resource_shares(ram.client)
    assert (found.arn, found.name, found.content) == (ARN, "subnets", None)
    assert found.facts["allow_external_principals"]
    assert found.facts["resources"] == [SUBNET]
    assert {grant.grantee: grant.kind for grant in grants_of(found.facts) or ()} == {
        "999999999999": GranteeKind.ACCOUNT,
        organization: GranteeKind.ORGANIZATION,
        GROUP: GranteeKind.ORGANIZATIONAL_UNIT,
        role: GranteeKind.PRINCIPAL,
        "monitoring.rds.amazonaws.com": GranteeKind.SERVICE,
    }


def test_yields_what_each_permission_lets_a_principal_do(ram):
    narrowed = TEMPLATE | {
        "Action": "ec2:RunInstances",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": "net"}},
    }
    lists(ram, share(outside=True))
    associates(ram, "PRINCIPAL", "999999999999")
    associates(ram, "RESOURCE", SUBNET)
    permits(ram, TEMPLATE, narrowed)
    [found] = collect_resource_shares(ram.client)
    plain, conditional = grants_of(found.facts) or ()
    assert plain.actions == ("ec2:CreateNetworkInterface", "ec2:RunInstances")
    assert (plain.name, plain.resource_type) == ("Permission1", "ec2:Subnet")
    assert conditional.actions == ("ec2:RunInstances",)
    assert conditional.conditions == narrowed["Condition"]


def test_yields_principals_without_actions_when_permissions_may_not_be_read(ram):
    lists(ram, share(outside=True))
    associates(ram, "PRINCIPAL", "999999999999")
    associates(ram, "RESOURCE", SUBNET)
    ram.refuses("list_resource_share_permissions")
    read = collect_resource_shares(ram.client)
    found = next(read)
    assert found.unknown.keys() == {"permissions"}
    assert [grant.actions for grant in grants_of(found.facts) or ()] == [()]
    with pytest.raises(AwsPartlyDenied, match="ram:ListResourceSharePermissions"):
        next(read)


def test_makes_one_call_where_nothing_is_shared(ram):
    lists(ram)
    assert list(collect_resource_shares(ram.client)) == []
    assert ram.log.calls.total() == 1


def test_yields_a_share_that_nobody_has_without_access(ram):
    lists(ram, share(outside=False))
    associates(ram, "PRINCIPAL")
    associates(ram, "RESOURCE")
    [found] = collect_resource_shares(ram.client)
    assert not found.facts["allow_external_principals"]
    assert grants_of(found.facts) == ()


def test_raises_when_principals_may_not_be_read_instead_of_yielding_none(ram):
    lists(ram, share(outside=True))
    ram.refuses("get_resource_share_associations")
    with pytest.raises(AwsReadDenied, match="ram:GetResourceShareAssociations"):
        list(collect_resource_shares(ram.client))
