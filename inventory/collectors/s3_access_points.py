"""S3's access points: of buckets, and those over several regions, with their policies."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.errors import AwsUnsupported
from inventory.collectors.collector import GLOBAL_REGION, Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.collectors.s3 import public_access_block
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import POLICY, PUBLIC_ACCESS_BLOCK

# Where calls about access points over several regions go, and the one partition that has them.
_MULTI_REGION: Final = "us-west-2"
_PARTITION: Final = "aws"
_PAGE_SIZE: Final = 1000


def collect_access_points(s3control: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each access point of a region with its policy, block of public access, bucket and VPC.

    One call a thousand access points, and two an access point.
    AWS: s3control:ListAccessPoints, GetAccessPoint, GetAccessPointPolicy.
    """
    yield from read_resources(
        s3control,
        "s3",
        lambda: s3control.paginate(
            "list_access_points",
            "AccessPointList",
            AccountId=s3control.account_id,
            MaxResults=_PAGE_SIZE,
        ),
        _access_point,
        id_of=lambda listed: str(listed["AccessPointArn"]),
        gone=("NoSuchAccessPoint",),
    )


def _access_point(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    name: str = listed["Name"]
    asked = {"AccountId": parts.client.account_id, "Name": name}
    content = parts.policy("get_access_point_policy", **asked)
    block = parts.part(PUBLIC_ACCESS_BLOCK, "get_access_point", _block, **asked)
    vpc = listed.get("VpcConfiguration") or {}
    facts = {
        PUBLIC_ACCESS_BLOCK: block,
        "bucket": listed["Bucket"],
        "bucket_account_id": listed.get("BucketAccountId") or parts.client.account_id,
        "vpc_id": vpc.get("VpcId"),
    }
    yield parts.record("accesspoint", listed["AccessPointArn"], name, content, facts=facts)


def _block(answer: AwsAnswer) -> dict[str, bool] | None:
    block = answer.get("PublicAccessBlockConfiguration")
    return None if block is None else public_access_block(block).as_json()


def collect_multi_region_access_points(s3control: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each access point over several regions with its policy, buckets and block.

    One call a thousand access points, and one an access point.
    AWS: s3control:ListMultiRegionAccessPoints, GetMultiRegionAccessPointPolicy.
    :raises AwsUnsupported: the partition has none.
    """
    if s3control.partition != _PARTITION:
        raise AwsUnsupported(
            f"partition {s3control.partition} has no access points over several regions",
            operation="s3:ListMultiRegionAccessPoints",
            code="NotInPartition",
        )
    client = s3control.in_region(_MULTI_REGION)
    yield from read_resources(
        client,
        "s3",
        lambda: client.paginate(
            "list_multi_region_access_points", "AccessPoints", AccountId=client.account_id
        ),
        partial(_multi_region_access_point, client.account_id),
        id_of=lambda listed: str(listed["Name"]),
        gone=("NoSuchMultiRegionAccessPoint",),
    )


def _multi_region_access_point(
    account_id: str, listed: AwsAnswer, parts: ResourceParts
) -> Iterator[ResourcePolicyRecord]:
    name: str = listed["Name"]
    content = parts.part(
        POLICY,
        "get_multi_region_access_point_policy",
        lambda answer: (answer["Policy"].get("Established") or {}).get("Policy") or None,
        AccountId=account_id,
        Name=name,
    )
    block = listed.get("PublicAccessBlock")
    # Without an alias while it is being made.
    known_as = listed.get("Alias") or name
    yield parts.record(
        "multiregionaccesspoint",
        f"arn:{parts.client.partition}:s3::{account_id}:accesspoint/{known_as}",
        name,
        content,
        facts={
            PUBLIC_ACCESS_BLOCK: None if block is None else public_access_block(block).as_json(),
            "buckets": sorted(each["Bucket"] for each in listed.get("Regions", ())),
        },
        region=GLOBAL_REGION,
    )


_ACCOUNT: Final = {"AccountId": "{account_id}"}

COLLECTORS = (
    Collector(
        name="data.s3_access_points",
        label="S3 access points",
        scope=Scope.REGIONAL,
        service="s3control",
        actions=(
            Action(
                "s3:ListAccessPoints",
                "access points",
                given={**_ACCOUNT, "MaxResults": 1},
                finds={"access point": ("AccessPointList", 0, "Name")},
            ),
            Action(
                "s3:GetAccessPoint",
                "each access point's Block Public Access",
                given={**_ACCOUNT, "Name": "{access point}"},
            ),
            Action(
                "s3:GetAccessPointPolicy",
                "each access point's policy",
                given={**_ACCOUNT, "Name": "{access point}"},
            ),
        ),
        read=alone(collect_access_points),
        covers=resources("s3", "accesspoint"),
    ),
    Collector(
        name="s3.multi_region_access_points",
        label="S3 multi-region access points",
        scope=Scope.GLOBAL,
        service="s3control",
        actions=(
            Action(
                "s3:ListMultiRegionAccessPoints",
                "multi-region access points",
                given={**_ACCOUNT, "MaxResults": 1},
                finds={"multi-region access point": ("AccessPoints", 0, "Name")},
                region=_MULTI_REGION,
            ),
            Action(
                "s3:GetMultiRegionAccessPointPolicy",
                "each multi-region access point's policy",
                given={**_ACCOUNT, "Name": "{multi-region access point}"},
                region=_MULTI_REGION,
            ),
        ),
        read=alone(collect_multi_region_access_points),
        covers=resources("s3", "multiregionaccesspoint"),
    ),
)
