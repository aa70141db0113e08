"""What lets others into an account and moto has not, or not across accounts: read from seeded data.

Network connections, endpoints, shares, shared copies, clusters, certificates: nothing is written
here, and of images and snapshots only the account's own are listed. An account that has nothing
answers so, as AWS does.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from demo.simulator.calls import Call
from demo.simulator.errors import AwsError

Members = dict[str, Any]


@dataclass(slots=True)
class Crossing:
    """One thing of an account. `kind`: of `_LISTS`. `members`: as the list that has it gives it.

    `within`: what further calls tell of it, by operation and, for what is in it, by the key.
    """

    kind: str
    account_id: str
    region: str
    members: Members
    within: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Crossings:
    """All of an organization, by account, region and kind."""

    things: dict[tuple[str, str, str], list[Crossing]] = field(default_factory=dict)

    def add(self, thing: Crossing) -> None:
        self.things.setdefault((thing.account_id, thing.region, thing.kind), []).append(thing)

    def of(self, account_id: str, region: str, kind: str) -> list[Crossing]:
        return self.things.get((account_id, region, kind), [])


def answer_crossings(call: Call, account_id: str, crossings: Crossings) -> Members | None:
    """Return the answer to a read; None: it is none that this module knows.

    :raises AwsError: what is asked for is not there.
    """
    if call.name == "eks:ListClusters":
        clusters = crossings.of(account_id, call.region, "eks_cluster")
        return {"clusters": [each.members["name"] for each in clusters]}
    listed = _LISTS.get(call.name)
    if listed is not None:
        kind, name = listed
        things = crossings.of(account_id, call.region, kind)
        if call.parameters.get("RestorableByUserIds") == ["all"]:
            things = [each for each in things if each.within["is_public"]]
        return {name: [each.members for each in things]}
    part = _PARTS.get(call.name)
    if part is not None:
        return _part(call, crossings.of(account_id, call.region, part.kind), part)
    if call.service == "ram":
        return _of_shares(call, crossings.of(account_id, call.region, "resource_share"))
    return None


def _of_shares(call: Call, shares: list[Crossing]) -> Members | None:
    """Return what is in shares: resources, principals, and the permissions of both."""
    if call.name == "ram:GetResourceShareAssociations":
        return _associations(call, shares)
    arn = call.parameters.get("resourceShareArn") or call.parameters.get("permissionArn")
    held = [(share.members["resourceShareArn"], share.within["permissions"]) for share in shares]
    if call.name == "ram:ListResourceSharePermissions":
        listed = ("arn", "version", "name", "resourceType", "status")
        found = [one for owner, permissions in held if owner == arn for one in permissions]
        return {"permissions": [{key: one[key] for key in listed} for one in found]}
    if call.name == "ram:GetPermission":
        for _, permissions in held:
            for one in permissions:
                if one["arn"] == arn:
                    return {"permission": one}
        raise AwsError("UnknownResourceException", "the permission does not exist")
    return None


@dataclass(frozen=True, slots=True)
class _ObjectCall:
    """A call about one thing: its kind, the parameter and member that name it, and the refusal.

    `inner`: the parameter that names something in it; empty: the call is about the thing itself.
    """

    kind: str
    parameter: str
    member: str
    error: str
    inner: str = ""
    status: int = 400


def _part(call: Call, things: list[Crossing], part: _ObjectCall) -> Members:
    named = call.parameters.get(part.parameter)
    for thing in things:
        if thing.members[part.member] != named:
            continue
        inside = thing.within.get(call.operation, {})
        if part.inner:
            inside = inside.get(call.parameters.get(part.inner))
        if inside is not None:
            found: Members = inside
            return found
    words = f"{part.kind.replace('_', ' ')} {named} does not exist"
    raise AwsError(part.error, words, status=part.status)


def _associations(call: Call, shares: list[Crossing]) -> Members:
    wanted = call.parameters.get("associationType")
    found = [
        {
            "resourceShareArn": share.members["resourceShareArn"],
            "resourceShareName": share.members["name"],
            "associationType": wanted,
            "status": "ASSOCIATED",
            **association,
        }
        for share in shares
        for association in share.within[f"associations/{wanted}"]
    ]
    return {"resourceShareAssociations": found}


_LISTS: Final = {
    "ec2:DescribeVpcPeeringConnections": ("vpc_peering_connection", "VpcPeeringConnections"),
    "ec2:DescribeTransitGateways": ("transit_gateway", "TransitGateways"),
    "ec2:DescribeTransitGatewayAttachments": (
        "transit_gateway_attachment",
        "TransitGatewayAttachments",
    ),
    "ec2:DescribeVpcEndpoints": ("vpc_endpoint", "VpcEndpoints"),
    "ec2:DescribeVpcEndpointServiceConfigurations": (
        "vpc_endpoint_service",
        "ServiceConfigurations",
    ),
    "ec2:DescribeSnapshots": ("snapshot", "Snapshots"),
    "ec2:DescribeImages": ("image", "Images"),
    "rds:DescribeDBSnapshots": ("db_snapshot", "DBSnapshots"),
    "rds:DescribeDBClusterSnapshots": ("db_cluster_snapshot", "DBClusterSnapshots"),
    "ram:GetResourceShares": ("resource_share", "resourceShares"),
    "rolesanywhere:ListTrustAnchors": ("trust_anchor", "trustAnchors"),
    "rolesanywhere:ListProfiles": ("roles_anywhere_profile", "profiles"),
}
_PARTS: Final[dict[str, _ObjectCall]] = {
    "ec2:DescribeVpcEndpointServicePermissions": _ObjectCall(
        "vpc_endpoint_service", "ServiceId", "ServiceId", "InvalidVpcEndpointServiceId.NotFound"
    ),
    "ec2:DescribeSnapshotAttribute": _ObjectCall(
        "snapshot", "SnapshotId", "SnapshotId", "InvalidSnapshot.NotFound"
    ),
    "ec2:DescribeImageAttribute": _ObjectCall(
        "image", "ImageId", "ImageId", "InvalidAMIID.NotFound"
    ),
    "rds:DescribeDBSnapshotAttributes": _ObjectCall(
        *("db_snapshot", "DBSnapshotIdentifier", "DBSnapshotIdentifier", "DBSnapshotNotFound"),
        status=404,
    ),
    "rds:DescribeDBClusterSnapshotAttributes": _ObjectCall(
        "db_cluster_snapshot",
        "DBClusterSnapshotIdentifier",
        "DBClusterSnapshotIdentifier",
        "DBClusterSnapshotNotFoundFault",
        status=404,
    ),
    **{
        f"eks:{operation}": _ObjectCall(
            *("eks_cluster", parameter, "name", "ResourceNotFoundException"), inner, status=404
        )
        for operation, parameter, inner in (
            ("DescribeCluster", "name", ""),
            ("ListAccessEntries", "name", ""),
            ("DescribeAccessEntry", "name", "principalArn"),
            ("ListAssociatedAccessPolicies", "name", "principalArn"),
            ("ListPodIdentityAssociations", "name", ""),
            ("DescribePodIdentityAssociation", "name", "associationId"),
        )
    },
}
