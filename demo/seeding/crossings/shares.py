"""What accounts share: by RAM, and as copies of disks, images and databases."""

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from demo.seeding.crossings.adding import REGION, Adding


def _resource_share(adding: Adding) -> None:
    adding.entries("account", "name", "external", "resources", "principals", "permissions")
    owner, name = adding.account_id, adding.text("name")
    share_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{owner}/{name}")
    principals = []
    for principal in adding.texts("principals"):
        known = principal.startswith("arn:") or principal.endswith(".amazonaws.com")
        entity = principal if known else adding.account(principal)
        inside = known or entity in adding.accounts.values()
        principals.append({"associatedEntity": entity, "external": not inside})
    adding.add(
        "resource_share",
        owner,
        {
            "resourceShareArn": f"arn:aws:ram:{REGION}:{owner}:resource-share/{share_id}",
            "name": name,
            "owningAccountId": owner,
            "allowExternalPrincipals": adding.flag("external"),
            "status": "ACTIVE",
        },
        **{
            "associations/PRINCIPAL": principals,
            "associations/RESOURCE": [
                {"associatedEntity": each} for each in adding.texts("resources")
            ],
            "permissions": [_permission(each) for each in adding.texts("permissions")],
        },
    )


def _permission(text: str) -> dict[str, Any]:
    """Return AWS's managed permission of a text: its name, resource type and actions."""
    name, resource_type, *actions = text.split()
    return {
        "arn": f"arn:aws:ram::aws:permission/{name}",
        "version": "1",
        "name": name,
        "resourceType": resource_type,
        "status": "ASSOCIATED",
        "permission": json.dumps({"Effect": "Allow", "Action": actions}),
    }


def _snapshot(adding: Adding) -> None:
    adding.entries("account", "name", "shared_with", "encrypted")
    owner = adding.account_id
    snapshot_id = adding.id("snap-", owner, adding.text("name"))
    adding.add(
        "snapshot",
        owner,
        {
            "SnapshotId": snapshot_id,
            "VolumeId": adding.id("vol-", owner, adding.text("name")),
            "OwnerId": owner,
            "State": "completed",
            "StartTime": adding.at(),
            "Description": adding.text("name"),
            "Encrypted": adding.flag("encrypted"),
        },
        is_public="all" in adding.texts("shared_with"),
        DescribeSnapshotAttribute={
            "SnapshotId": snapshot_id,
            "CreateVolumePermissions": _permissions(adding),
        },
    )


def _image(adding: Adding) -> None:
    adding.entries("account", "name", "shared_with")
    owner = adding.account_id
    image_id = adding.id("ami-", owner, adding.text("name"))
    adding.add(
        "image",
        owner,
        {
            "ImageId": image_id,
            "Name": adding.text("name"),
            "OwnerId": owner,
            "State": "available",
            "CreationDate": adding.at().strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "Public": "all" in adding.texts("shared_with"),
        },
        DescribeImageAttribute={"ImageId": image_id, "LaunchPermissions": _permissions(adding)},
    )


def _permissions(adding: Adding) -> list[dict[str, str]]:
    return [
        {"Group": "all"}
        if name == "all"
        else {"OrganizationArn": name}
        if name.startswith("arn:")
        else {"UserId": adding.account(name)}
        for name in adding.texts("shared_with")
    ]


def _db_snapshot(adding: Adding, kind: str = "DBSnapshot") -> None:
    adding.entries("account", "name", "shared_with", "encrypted")
    owner, name = adding.account_id, adding.text("name")
    cluster = kind == "DBClusterSnapshot"
    resource = "cluster-snapshot" if cluster else "snapshot"
    attributes = [
        {
            "AttributeName": "restore",
            "AttributeValues": [
                each if each == "all" else adding.account(each)
                for each in adding.texts("shared_with")
            ],
        }
    ]
    adding.add(
        "db_cluster_snapshot" if cluster else "db_snapshot",
        owner,
        {
            f"{kind}Identifier": name,
            f"{kind}Arn": f"arn:aws:rds:{REGION}:{owner}:{resource}:{name}",
            "SnapshotType": "manual",
            "SnapshotCreateTime": adding.at(),
            "Engine": "aurora-postgresql" if cluster else "postgres",
            "Status": "available",
        },
        **{
            f"Describe{kind}Attributes": {
                f"{kind}AttributesResult": {
                    f"{kind}Identifier": name,
                    f"{kind}Attributes": attributes,
                }
            }
        },
    )


def _db_cluster_snapshot(adding: Adding) -> None:
    _db_snapshot(adding, "DBClusterSnapshot")


KINDS: Final[Mapping[str, Callable[[Adding], None]]] = {
    "resource_shares": _resource_share,
    "snapshots": _snapshot,
    "images": _image,
    "db_snapshots": _db_snapshot,
    "db_cluster_snapshots": _db_cluster_snapshot,
}
