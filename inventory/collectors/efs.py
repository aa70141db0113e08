"""EFS: file systems and their policies."""

from collections.abc import Iterator

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord


def collect_file_systems(efs: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each file system of a region with its policy.

    One call a thousand file systems, and one a file system.
    AWS: elasticfilesystem:DescribeFileSystems, DescribeFileSystemPolicy.
    """
    yield from read_resources(
        efs,
        "elasticfilesystem",
        lambda: efs.paginate("describe_file_systems", "FileSystems", MaxItems=1000),
        _file_system,
        id_of=lambda listed: str(listed["FileSystemId"]),
        gone=("FileSystemNotFound",),
    )


def _file_system(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    system_id: str = listed["FileSystemId"]
    content = parts.policy("describe_file_system_policy", FileSystemId=system_id)
    client = parts.client
    arn = (
        f"arn:{client.partition}:elasticfilesystem:{client.region}:{listed['OwnerId']}:"
        f"file-system/{system_id}"
    )
    yield parts.record("file-system", arn, listed.get("Name") or system_id, content)


COLLECTORS = (
    Collector(
        name="data.efs_file_systems",
        label="EFS file systems",
        scope=Scope.REGIONAL,
        service="efs",
        actions=(
            Action(
                "elasticfilesystem:DescribeFileSystems",
                "file systems",
                given={"MaxItems": 1},
                finds={"file system": ("FileSystems", 0, "FileSystemId")},
            ),
            Action(
                "elasticfilesystem:DescribeFileSystemPolicy",
                "each file system's policy",
                given={"FileSystemId": "{file system}"},
            ),
        ),
        read=alone(collect_file_systems),
        covers=resources("elasticfilesystem", "file-system"),
    ),
)
