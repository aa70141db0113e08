"""Shared machine images, read from answers as EC2 gives them."""

import pytest

from inventory.aws.errors import AwsInconsistent, AwsPartlyDenied, AwsReadDenied
from inventory.collectors.machine_images import collect_machine_images
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import AccessGrant, GranteeKind, grants_of
from tests.inventory.stubs import stubbed

ACTIONS = ("ec2:RunInstances", "ec2:CopyImage")
ORGANIZATION = "arn:aws:organizations::111111111111:organization/o-exampleorg1"
UNIT = "arn:aws:organizations::111111111111:ou/o-exampleorg1/ou-ab12-11111111"


@pytest.fixture
def ec2():
    with stubbed("ec2") as aws:
        yield aws


def image(name, day=1, *, public=False):
    return {
        "ImageId": name,
        "Name": f"the {name}",
        "CreationDate": f"2026-01-0{day}T00:00:00.000Z",
        "Public": public,
    }


def lists(ec2, *images):
    ec2.answers(
        "describe_images",
        {"Images": list(images)},
        Owners=["self"],
        IncludeDeprecated=True,
        MaxResults=1000,
    )


def permits(ec2, name, *permissions):
    ec2.answers(
        "describe_image_attribute",
        {"ImageId": name, "LaunchPermissions": list(permissions)},
        ImageId=name,
        Attribute="launchPermission",
    )


def grant(kind, grantee):
    return AccessGrant(kind, grantee, "image attribute", ACTIONS)


def test_yields_those_that_others_may_launch_and_asks_nothing_of_public_ones(ec2):
    lists(ec2, image("ami-open", 3, public=True), image("ami-own", 2), image("ami-shared"))
    permits(ec2, "ami-own")
    permits(
        ec2,
        "ami-shared",
        {"UserId": "999999999999"},
        {"OrganizationArn": ORGANIZATION},
        {"OrganizationalUnitArn": UNIT},
    )
    public, shared = collect_machine_images(ec2.client)
    assert public.arn == "arn:aws:ec2:us-east-1::image/ami-open"
    assert (public.name, public.region) == ("the ami-open", "us-east-1")
    assert grants_of(public.facts) == (grant(GranteeKind.EVERYONE, "*"),)
    assert grants_of(shared.facts) == (
        grant(GranteeKind.ACCOUNT, "999999999999"),
        grant(GranteeKind.ORGANIZATION, ORGANIZATION),
        grant(GranteeKind.ORGANIZATIONAL_UNIT, UNIT),
    )
    assert ec2.log.calls.total() == 3


def test_marks_one_whose_sharing_may_not_be_read_as_unknown(ec2):
    lists(ec2, image("ami-1"))
    ec2.refuses("describe_image_attribute", "UnauthorizedOperation")
    found: list[ResourcePolicyRecord] = []
    with pytest.raises(AwsPartlyDenied):
        # A list keeps what came before the error.
        found.extend(collect_machine_images(ec2.client))
    assert found[0].unknown == {"grants": "UnauthorizedOperation"}


def test_is_incomplete_where_one_is_listed_twice_and_not_found(ec2):
    for _ in range(2):
        lists(ec2, image("ami-1"))
        ec2.refuses("describe_image_attribute", "InvalidAMIID.NotFound")
    with pytest.raises(AwsInconsistent, match="ami-1"):
        list(collect_machine_images(ec2.client))


def test_raises_when_they_may_not_be_listed_instead_of_yielding_none(ec2):
    ec2.refuses("describe_images", "UnauthorizedOperation")
    with pytest.raises(AwsReadDenied, match="ec2:DescribeImages"):
        list(collect_machine_images(ec2.client))
