"""Shared snapshots of databases and of clusters, read from answers as RDS gives them."""

from datetime import UTC, datetime

import pytest

from inventory.aws.errors import AwsInconsistent, AwsPartlyDenied, AwsReadDenied
from inventory.collectors.db_snapshots import CLUSTER, DATABASE, collect_db_snapshots
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import AccessGrant, GranteeKind, grants_of
from tests.inventory.stubs import stubbed

ARN = "arn:aws:rds:us-east-1:222222222222:snapshot"


@pytest.fixture
def rds():
    with stubbed("rds") as aws:
        yield aws


@pytest.fixture(params=[DATABASE, CLUSTER], ids=["database", "cluster"])
def kind(request):
    return request.param


def snapshot(kind, name, day=1):
    return {
        f"{kind.members}Identifier": name,
        f"{kind.members}Arn": f"{ARN}:{name}",
        "SnapshotCreateTime": datetime(2026, 1, day, tzinfo=UTC),
        "Engine": "postgres",
    }


def lists(rds, kind, *snapshots):
    rds.answers(
        f"{kind.method}s",
        {f"{kind.members}s": list(snapshots)},
        SnapshotType="manual",
        MaxRecords=100,
    )


def attributes(rds, kind, name, *accounts):
    told = [
        {"AttributeName": "other", "AttributeValues": ["ignored"]},
        {"AttributeName": "restore", "AttributeValues": list(accounts)},
    ]
    rds.answers(
        f"{kind.method}_attributes",
        {f"{kind.members}AttributesResult": {f"{kind.members}Attributes": told}},
        **{f"{kind.members}Identifier": name},
    )


def test_yields_those_that_others_may_restore_and_leaves_out_the_rest(rds, kind):
    lists(
        rds,
        kind,
        snapshot(kind, "old"),
        snapshot(kind, "open", 3),
        snapshot(kind, "own", 2),
    )
    attributes(rds, kind, "open", "all")
    attributes(rds, kind, "own")
    attributes(rds, kind, "old", "999999999999")
    public, shared = collect_db_snapshots(rds.client, kind)
    assert (public.arn, public.resource_type) == (f"{ARN}:open", kind.resource_type)
    assert grants_of(public.facts) == (
        AccessGrant(GranteeKind.EVERYONE, "*", "snapshot attribute", kind.actions),
    )
    assert grants_of(shared.facts) == (
        AccessGrant(GranteeKind.ACCOUNT, "999999999999", "snapshot attribute", kind.actions),
    )


def test_marks_one_whose_sharing_may_not_be_read_as_unknown(rds, kind):
    lists(rds, kind, snapshot(kind, "one"))
    rds.refuses(f"{kind.method}_attributes", "AccessDenied")
    found: list[ResourcePolicyRecord] = []
    with pytest.raises(AwsPartlyDenied):
        # A list keeps what came before the error.
        found.extend(collect_db_snapshots(rds.client, kind))
    assert found[0].unknown == {"grants": "AccessDenied"}


def test_is_incomplete_where_one_is_listed_twice_and_not_found(rds, kind):
    for _ in range(2):
        lists(rds, kind, snapshot(kind, "one"))
        rds.refuses(f"{kind.method}_attributes", kind.gone)
    with pytest.raises(AwsInconsistent, match="one"):
        list(collect_db_snapshots(rds.client, kind))


def test_raises_when_they_may_not_be_listed_instead_of_yielding_none(rds, kind):
    rds.refuses(f"{kind.method}s", "AccessDenied")
    with pytest.raises(AwsReadDenied, match=f"rds:Describe{kind.members}s"):
        list(collect_db_snapshots(rds.client, kind))
