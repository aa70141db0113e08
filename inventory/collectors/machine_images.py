"""Machine images that are shared with other accounts, with organizations or with everybody."""

from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, resources
from inventory.collectors.shared_copies import ALL, read_shared_copies, shared_with
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import GRANTS, AccessGrant, GranteeKind

_TYPE: Final = "image"
_THROUGH: Final = "image attribute"
_ACTIONS: Final = ("ec2:RunInstances", "ec2:CopyImage")
_GONE: Final = "InvalidAMIID.NotFound"


def collect_machine_images(ec2: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield the account's own images that others may launch.

    One call a thousand images, and one for each of the newest 500 that are not public: the list
    tells which are.
    AWS: ec2:DescribeImages, DescribeImageAttribute.
    :raises AwsCallsUsedUp: there are more; of the older ones it is not known.
    """
    yield from read_shared_copies(
        ec2,
        "ec2",
        lambda: ec2.paginate(
            "describe_images", "Images", Owners=["self"], IncludeDeprecated=True, MaxResults=1000
        ),
        _image,
        id_of=lambda image: str(image["ImageId"]),
        made_at=lambda image: image.get("CreationDate", ""),
        gone=_GONE,
    )


def _image(image: AwsAnswer, parts: ResourceParts) -> ResourcePolicyRecord | None:
    image_id: str = image["ImageId"]
    grants: list[AccessGrant] | None = shared_with([ALL], _THROUGH, *_ACTIONS)
    if not image["Public"]:
        grants = parts.part(
            GRANTS,
            "describe_image_attribute",
            lambda answer: [_grant(each) for each in answer["LaunchPermissions"]],
            ImageId=image_id,
            Attribute="launchPermission",
        )
    if grants == []:
        return None
    return parts.record(
        _TYPE,
        f"arn:{parts.client.partition}:ec2:{parts.client.region}::{_TYPE}/{image_id}",
        image.get("Name") or image_id,
        None,
        facts={"image_id": image_id},
        grants=grants,
    )


def _grant(permission: AwsAnswer) -> AccessGrant:
    for member, kind in (
        ("OrganizationArn", GranteeKind.ORGANIZATION),
        ("OrganizationalUnitArn", GranteeKind.ORGANIZATIONAL_UNIT),
    ):
        if permission.get(member):
            return AccessGrant(kind, permission[member], _THROUGH, _ACTIONS)
    [grant] = shared_with(
        [ALL if permission.get("Group") else str(permission["UserId"])], _THROUGH, *_ACTIONS
    )
    return grant


COLLECTORS = (
    Collector(
        name="sharing.machine_images",
        label="Shared machine images",
        scope=Scope.REGIONAL,
        service="ec2",
        actions=(
            Action(
                "ec2:DescribeImages",
                "the account's own machine images and which are public",
                given={"Owners": ["self"], "MaxResults": 5},
                finds={"image_id": ("Images", 0, "ImageId")},
            ),
            Action(
                "ec2:DescribeImageAttribute",
                "with whom each machine image is shared",
                given={"ImageId": "{image_id}", "Attribute": "launchPermission"},
            ),
        ),
        read=alone(collect_machine_images),
        covers=resources("ec2", _TYPE),
    ),
)
