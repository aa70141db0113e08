"""Tables, their streams and the policies on both, from answers as DynamoDB gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.dynamodb import collect_tables
from tests.inventory.collectors.resource_records import POLICY, read_until, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:dynamodb:us-east-1:222222222222:table/"
STREAM = f"{ARN}orders/stream/2026-01-01T00:00:00.000"


@pytest.fixture
def dynamodb():
    with stubbed("dynamodb") as aws:
        yield aws


def lists(aws, *names):
    aws.answers("list_tables", {"TableNames": list(names)}, Limit=100)


def describes(aws, name, **more):
    aws.answers("describe_table", {"Table": {"TableArn": ARN + name} | more}, TableName=name)


def has(aws, arn, policy=None):
    if policy:
        aws.answers("get_resource_policy", {"Policy": policy}, ResourceArn=arn)
    else:
        aws.refuses("get_resource_policy", "PolicyNotFoundException")


def table(name, policy=None, **more):
    return record("dynamodb", "table", ARN + name, name, policy, **more)


class TestCollectTables:
    def test_yields_tables_and_streams_with_their_policies_or_none(self, dynamodb):
        lists(dynamodb, "orders", "plain")
        describes(dynamodb, "orders", LatestStreamArn=STREAM)
        has(dynamodb, f"{ARN}orders")
        has(dynamodb, STREAM, POLICY)
        describes(dynamodb, "plain")
        has(dynamodb, f"{ARN}plain", POLICY)
        assert list(collect_tables(dynamodb.client)) == [
            table("orders"),
            record("dynamodb", "stream", STREAM, "orders", POLICY),
            table("plain", POLICY),
        ]

    def test_marks_of_table_and_stream_each_what_may_not_be_read(self, dynamodb):
        lists(dynamodb, "orders")
        describes(dynamodb, "orders", LatestStreamArn=STREAM)
        dynamodb.refuses("get_resource_policy", "AccessDeniedException")
        has(dynamodb, STREAM)
        found, _ = read_until(AwsPartlyDenied, collect_tables, dynamodb.client)
        assert found == [
            table("orders", unknown={"policy": "AccessDeniedException"}),
            record("dynamodb", "stream", STREAM, "orders"),
        ]

    def test_leaves_out_a_table_that_was_deleted_meanwhile(self, dynamodb):
        lists(dynamodb, "going")
        dynamodb.refuses("describe_table", "ResourceNotFoundException")
        lists(dynamodb)
        assert list(collect_tables(dynamodb.client)) == []

    def test_raises_when_tables_may_not_be_listed_instead_of_yielding_none(self, dynamodb):
        dynamodb.refuses("list_tables", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="dynamodb:ListTables"):
            list(collect_tables(dynamodb.client))
