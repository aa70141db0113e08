"""From what AWS answers to the edge in /trust-edges, of a policy and of a grant."""

import json
from datetime import UTC, datetime

import pytest
from django.db import transaction

from governance.posture.trust.refreshing import refresh_trust
from inventory.collectors.registry import COLLECTORS
from inventory.collectors.s3_tables import collect_table_buckets
from inventory.collectors.vpc_peering_connections import collect_vpc_peering_connections
from inventory.store.scopes import CollectorReading, lock_scope, store_readings
from tests.factories.times import FIRST_RUN_AT
from tests.inventory.stubs import stubbed

PAYMENTS, STRANGER = "222222222222", "999999999999"
REGION = "us-east-1"
LAKE = f"arn:aws:s3tables:{REGION}:{PAYMENTS}:bucket/lake"


@pytest.fixture
def keep(acme):
    """Return a function that keeps what a collector read, as a run does, and works out trust."""

    def keep(name, records):
        (collector,) = (each for each in COLLECTORS if each.name == name)
        with transaction.atomic():
            lock_scope(acme.connection, PAYMENTS, collector.group)
            reading = CollectorReading(collector, tuple(records), complete=True, region=REGION)
            store_readings(
                [reading], connection=acme.connection, account_id=PAYMENTS, moment=FIRST_RUN_AT
            )
        refresh_trust(acme.connection, now=FIRST_RUN_AT)

    return keep


def edge_of(viewer):
    answer = viewer.get("/api/v1/organizations/acme/trust-edges")
    (edge,) = answer.json()["results"]
    return edge


def test_a_table_buckets_policy_is_an_edge(viewer, keep):
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            **{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:role/etl"}},
            **{"Action": "s3tables:GetTableData", "Resource": f"{LAKE}/table/*"},
        },
    }
    bucket = {"arn": LAKE, "name": "lake", "ownerAccountId": PAYMENTS}
    made_at = datetime(2026, 1, 1, tzinfo=UTC)
    with stubbed("s3tables") as aws:
        aws.answers("list_table_buckets", {"tableBuckets": [{**bucket, "createdAt": made_at}]})
        aws.answers("get_table_bucket_policy", {"resourcePolicy": json.dumps(policy)})
        aws.answers("list_tables", {"tables": []})
        keep("data.s3_tables", collect_table_buckets(aws.client))
    edge = edge_of(viewer)
    assert edge["principal"]["id"] == f"arn:aws:iam::{STRANGER}:role/etl"
    assert (edge["crossing"], edge["state"]) == ("external", "open")
    assert (edge["resource_arn"], edge["actions"]) == (LAKE, ["s3tables:GetTableData"])
    assert edge["witness"]["resource"].startswith(f"{LAKE}/table/")


def test_a_peering_connection_is_an_edge_without_actions(viewer, keep):
    ends = {
        f"{side}VpcInfo": {"OwnerId": account_id, "VpcId": vpc_id, "Region": REGION}
        for side, account_id, vpc_id in (
            ("Requester", PAYMENTS, "vpc-1"),
            ("Accepter", STRANGER, "vpc-9"),
        )
    }
    connection = {"VpcPeeringConnectionId": "pcx-1", "Status": {"Code": "active"}, **ends}
    with stubbed("ec2") as aws:
        aws.answers("describe_vpc_peering_connections", {"VpcPeeringConnections": [connection]})
        records = collect_vpc_peering_connections(aws.client)
        keep("network.vpc_peering_connections", records)
    edge = edge_of(viewer)
    assert (edge["principal"]["id"], edge["crossing"]) == (STRANGER, "external")
    assert (edge["through"], edge["actions"]) == ("vpc peering", [])
