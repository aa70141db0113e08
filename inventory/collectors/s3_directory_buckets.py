"""S3 Express One Zone: directory buckets and their policies."""

from collections.abc import Iterator

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord


def collect_directory_buckets(s3: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each directory bucket of a region with its policy.

    One call a thousand buckets, and one a bucket. Public access to them is always blocked, and they
    have no access control lists.
    AWS: s3:ListDirectoryBuckets, GetBucketPolicy.
    """
    yield from read_resources(
        s3,
        "s3express",
        lambda: s3.paginate("list_directory_buckets", "Buckets", MaxDirectoryBuckets=1000),
        _bucket,
        id_of=lambda listed: str(listed["Name"]),
        gone=("NoSuchBucket",),
    )


def _bucket(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    name: str = listed["Name"]
    client = parts.client
    arn = f"arn:{client.partition}:s3express:{client.region}:{client.account_id}:bucket/{name}"
    yield parts.record("bucket", arn, name, parts.policy("get_bucket_policy", Bucket=name))


COLLECTORS = (
    Collector(
        name="data.s3_directory_buckets",
        label="S3 directory buckets",
        scope=Scope.REGIONAL,
        service="s3",
        actions=(
            Action(
                "s3express:ListAllMyDirectoryBuckets",
                "directory buckets",
                operation="list_directory_buckets",
                given={"MaxDirectoryBuckets": 1},
                finds={"directory bucket": ("Buckets", 0, "Name")},
            ),
            Action(
                "s3express:GetBucketPolicy",
                "each directory bucket's policy",
                given={"Bucket": "{directory bucket}"},
            ),
        ),
        read=alone(collect_directory_buckets),
        covers=resources("s3express", "bucket"),
    ),
)
