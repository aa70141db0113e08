"""Snapshots of RDS databases and clusters that are shared with other accounts or everybody."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, resources
from inventory.collectors.shared_copies import read_shared_copies, shared_with
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import GRANTS

# Automated ones cannot be shared.
_MANUAL: Final = "manual"
_RESTORE: Final = "restore"


@dataclass(frozen=True, slots=True)
class _SnapshotKind:
    """How RDS names one kind of snapshot. `members`: the beginning of members and operations.

    `method`: that of the client's methods. `gone`: the code of one that is not there.
    """

    members: str
    method: str
    resource_type: str
    gone: str
    actions: tuple[str, ...]


DATABASE: Final = _SnapshotKind(
    "DBSnapshot",
    "describe_db_snapshot",
    "snapshot",
    "DBSnapshotNotFound",
    ("rds:RestoreDBInstanceFromDBSnapshot", "rds:CopyDBSnapshot"),
)
CLUSTER: Final = _SnapshotKind(
    "DBClusterSnapshot",
    "describe_db_cluster_snapshot",
    "cluster-snapshot",
    "DBClusterSnapshotNotFoundFault",
    ("rds:RestoreDBClusterFromSnapshot", "rds:CopyDBClusterSnapshot"),
)


def collect_db_snapshots(
    rds: AwsClient, kind: _SnapshotKind = DATABASE
) -> Iterator[ResourcePolicyRecord]:
    """Yield the account's manual snapshots of one kind that others may restore.

    One call a hundred snapshots, and one for each of the newest 500.
    AWS: rds:DescribeDBSnapshots, DescribeDBSnapshotAttributes; rds:DescribeDBClusterSnapshots,
    DescribeDBClusterSnapshotAttributes.
    :raises AwsCallsUsedUp: there are more; of the older ones it is not known.
    """
    yield from read_shared_copies(
        rds,
        "rds",
        lambda: rds.paginate(
            f"{kind.method}s", f"{kind.members}s", SnapshotType=_MANUAL, MaxRecords=100
        ),
        partial(_snapshot, kind),
        id_of=lambda snapshot: str(snapshot[f"{kind.members}Identifier"]),
        # One that is being made has no time yet.
        made_at=lambda snapshot: snapshot.get("SnapshotCreateTime", ""),
        gone=kind.gone,
    )


def _snapshot(
    kind: _SnapshotKind, snapshot: AwsAnswer, parts: ResourceParts
) -> ResourcePolicyRecord | None:
    identifier = f"{kind.members}Identifier"
    accounts = parts.part(
        GRANTS,
        f"{kind.method}_attributes",
        lambda answer: _accounts(answer[f"{kind.members}AttributesResult"], kind),
        **{identifier: snapshot[identifier]},
    )
    if accounts == []:
        return None
    return parts.record(
        kind.resource_type,
        snapshot[f"{kind.members}Arn"],
        snapshot[identifier],
        None,
        facts={"engine": snapshot["Engine"]},
        grants=None
        if accounts is None
        else shared_with(accounts, "snapshot attribute", *kind.actions),
    )


def _accounts(result: AwsAnswer, kind: _SnapshotKind) -> list[str]:
    return [
        str(account)
        for each in result[f"{kind.members}Attributes"]
        if each["AttributeName"] == _RESTORE
        for account in each.get("AttributeValues", [])
    ]


def _collector(kind: _SnapshotKind, name: str, of: str) -> Collector:
    found = f"snapshot_of_{name}"
    return Collector(
        name=f"sharing.{name}",
        label=f"Shared snapshots of {of}",
        scope=Scope.REGIONAL,
        service="rds",
        actions=(
            Action(
                f"rds:Describe{kind.members}s",
                f"the account's own snapshots of {of}",
                operation=f"{kind.method}s",
                given={"SnapshotType": _MANUAL, "MaxRecords": 20},
                finds={found: (f"{kind.members}s", 0, f"{kind.members}Identifier")},
            ),
            Action(
                f"rds:Describe{kind.members}Attributes",
                f"with whom each snapshot of {of} is shared",
                operation=f"{kind.method}_attributes",
                given={f"{kind.members}Identifier": f"{{{found}}}"},
            ),
        ),
        read=alone(partial(collect_db_snapshots, kind=kind)),
        covers=resources("rds", kind.resource_type),
    )


COLLECTORS = (
    _collector(DATABASE, "db_snapshots", "databases"),
    _collector(CLUSTER, "db_cluster_snapshots", "database clusters"),
)
