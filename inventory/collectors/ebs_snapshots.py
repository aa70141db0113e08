"""EBS snapshots that are shared with other accounts or with everybody."""

from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, resources
from inventory.collectors.shared_copies import ALL, read_shared_copies, shared_with
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import GRANTS

_TYPE: Final = "snapshot"
_GONE: Final = "InvalidSnapshot.NotFound"


def collect_ebs_snapshots(ec2: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield the account's own snapshots that others may make volumes of.

    One call a thousand snapshots, and one for each of the newest 500.
    AWS: ec2:DescribeSnapshots, DescribeSnapshotAttribute.
    :raises AwsCallsUsedUp: there are more; of the older ones it is not known.
    """
    yield from read_shared_copies(
        ec2,
        "ec2",
        lambda: ec2.paginate("describe_snapshots", "Snapshots", OwnerIds=["self"], MaxResults=1000),
        _snapshot,
        id_of=lambda snapshot: str(snapshot["SnapshotId"]),
        made_at=lambda snapshot: snapshot["StartTime"],
        gone=_GONE,
    )


def _snapshot(snapshot: AwsAnswer, parts: ResourceParts) -> ResourcePolicyRecord | None:
    snapshot_id: str = snapshot["SnapshotId"]
    permissions = parts.part(
        GRANTS,
        "describe_snapshot_attribute",
        lambda answer: list(answer["CreateVolumePermissions"]),
        SnapshotId=snapshot_id,
        Attribute="createVolumePermission",
    )
    if permissions == []:
        return None
    accounts = [ALL if each.get("Group") else str(each["UserId"]) for each in permissions or ()]
    return parts.record(
        _TYPE,
        f"arn:{parts.client.partition}:ec2:{parts.client.region}::{_TYPE}/{snapshot_id}",
        snapshot_id,
        None,
        facts={
            "description": snapshot.get("Description", ""),
            "encrypted": snapshot["Encrypted"],
        },
        grants=None
        if permissions is None
        else shared_with(accounts, "snapshot attribute", "ec2:CreateVolume", "ec2:CopySnapshot"),
    )


COLLECTORS = (
    Collector(
        name="sharing.ebs_snapshots",
        label="Shared EBS snapshots",
        scope=Scope.REGIONAL,
        service="ec2",
        actions=(
            Action(
                "ec2:DescribeSnapshots",
                "the account's own snapshots",
                given={"OwnerIds": ["self"], "MaxResults": 5},
                finds={"snapshot_id": ("Snapshots", 0, "SnapshotId")},
            ),
            Action(
                "ec2:DescribeSnapshotAttribute",
                "with whom each snapshot is shared",
                given={"SnapshotId": "{snapshot_id}", "Attribute": "createVolumePermission"},
            ),
        ),
        read=alone(collect_ebs_snapshots),
        covers=resources("ec2", _TYPE),
    ),
)
