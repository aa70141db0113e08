"""Shared EBS snapshots, read from answers as EC2 gives them; and how copies are chosen."""

from datetime import UTC, datetime

import pytest

from inventory.aws.client import AwsAnswer
from inventory.aws.errors import (
    AwsCallsUsedUp,
    AwsInconsistent,
    AwsPartlyDenied,
    AwsReadDenied,
)
from inventory.collectors.ebs_snapshots import collect_ebs_snapshots
from inventory.collectors.shared_copies import read_shared_copies
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import AccessGrant, GranteeKind, grants_of
from tests.inventory.stubs import stubbed

ACTIONS = ("ec2:CreateVolume", "ec2:CopySnapshot")


@pytest.fixture
def ec2():
    with stubbed("ec2") as aws:
        yield aws


def snapshot(name, day=1):
    return {
        "SnapshotId": name,
        "StartTime": datetime(2026, 1, day, tzinfo=UTC),
        "Encrypted": False,
        "Description": f"of {name}",
    }


def lists(ec2, *snapshots):
    ec2.answers(
        "describe_snapshots", {"Snapshots": list(snapshots)}, OwnerIds=["self"], MaxResults=1000
    )


def permits(ec2, name, *permissions):
    ec2.answers(
        "describe_snapshot_attribute",
        {"SnapshotId": name, "CreateVolumePermissions": list(permissions)},
        SnapshotId=name,
        Attribute="createVolumePermission",
    )


def read_until(error, ec2):
    found: list[ResourcePolicyRecord] = []
    with pytest.raises(error) as raised:
        # A list keeps what came before the error.
        found.extend(collect_ebs_snapshots(ec2.client))
    return found, raised.value


def test_yields_those_that_others_may_use_and_leaves_out_the_rest(ec2):
    lists(ec2, snapshot("snap-old"), snapshot("snap-open", 3), snapshot("snap-own", 2))
    permits(ec2, "snap-open", {"Group": "all"})
    permits(ec2, "snap-own")
    permits(ec2, "snap-old", {"UserId": "999999999999"})
    public, shared = collect_ebs_snapshots(ec2.client)
    assert public.arn == "arn:aws:ec2:us-east-1::snapshot/snap-open"
    assert grants_of(public.facts) == (
        AccessGrant(GranteeKind.EVERYONE, "*", "snapshot attribute", ACTIONS),
    )
    assert grants_of(shared.facts) == (
        AccessGrant(GranteeKind.ACCOUNT, "999999999999", "snapshot attribute", ACTIONS),
    )
    assert shared.facts["description"] == "of snap-old"


def test_marks_one_whose_sharing_may_not_be_read_as_unknown(ec2):
    lists(ec2, snapshot("snap-1"))
    ec2.refuses("describe_snapshot_attribute", "UnauthorizedOperation")
    [found], _ = read_until(AwsPartlyDenied, ec2)
    assert grants_of(found.facts) is None
    assert found.unknown == {"grants": "UnauthorizedOperation"}


def test_is_incomplete_where_one_is_listed_twice_and_not_found(ec2):
    for _ in range(2):
        lists(ec2, snapshot("snap-1"))
        ec2.refuses("describe_snapshot_attribute", "InvalidSnapshot.NotFound")
    found, error = read_until(AwsInconsistent, ec2)
    assert found == []
    assert "snap-1" in error.message


def test_raises_when_they_may_not_be_listed_instead_of_yielding_none(ec2):
    ec2.refuses("describe_snapshots", "UnauthorizedOperation")
    with pytest.raises(AwsReadDenied, match="ec2:DescribeSnapshots"):
        list(collect_ebs_snapshots(ec2.client))


def test_more_copies_than_are_asked_for_are_never_taken_for_not_shared(ec2):
    asked = []
    copies = [
        AwsAnswer({"id": str(number), "at": number}, operation="ec2:List") for number in range(5)
    ]

    def read(copy, parts):
        asked.append(copy["id"])

    with pytest.raises(AwsCallsUsedUp, match="the newest 2 of 5"):
        list(
            read_shared_copies(
                ec2.client,
                "ec2",
                lambda: copies,
                read,
                id_of=lambda copy: copy["id"],
                made_at=lambda copy: copy["at"],
                gone="Gone",
                most=2,
            )
        )
    assert asked == ["4", "3"]
