"""Table buckets, tables and the policies on both, from answers as S3 Tables gives them."""

from datetime import UTC, datetime

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.s3_tables import collect_table_buckets
from tests.inventory.collectors.resource_records import ACCOUNT, POLICY, read_until, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:s3tables:us-east-1:222222222222:bucket/lake"
MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def s3tables():
    with stubbed("s3tables") as aws:
        yield aws


def lists(aws):
    bucket = {"arn": ARN, "name": "lake", "ownerAccountId": ACCOUNT, "createdAt": MADE_AT}
    aws.answers("list_table_buckets", {"tableBuckets": [bucket]}, maxBuckets=1000)


def lists_tables(aws, *names):
    tables = [
        {
            **{"namespace": ["sales"], "name": each, "type": "customer"},
            **{"tableARN": f"{ARN}/table/{each}", "createdAt": MADE_AT, "modifiedAt": MADE_AT},
        }
        for each in names
    ]
    aws.answers("list_tables", {"tables": tables}, tableBucketARN=ARN, maxTables=1000)


class TestCollectTableBuckets:
    def test_yields_table_buckets_and_the_tables_that_have_policies(self, s3tables):
        lists(s3tables)
        s3tables.refuses("get_table_bucket_policy", "NotFoundException", http_status_code=404)
        lists_tables(s3tables, "orders", "plain")
        s3tables.answers(
            "get_table_policy",
            {"resourcePolicy": POLICY},
            tableBucketARN=ARN,
            namespace="sales",
            name="orders",
        )
        s3tables.refuses("get_table_policy", "NotFoundException", http_status_code=404)
        assert list(collect_table_buckets(s3tables.client)) == [
            record("s3tables", "TableBucket", ARN, "lake"),
            record("s3tables", "Table", f"{ARN}/table/orders", "lake/sales/orders", POLICY),
        ]

    def test_marks_a_policy_that_may_not_be_read_as_unknown(self, s3tables):
        lists(s3tables)
        s3tables.refuses("get_table_bucket_policy", "ForbiddenException", http_status_code=403)
        lists_tables(s3tables)
        found, _ = read_until(AwsPartlyDenied, collect_table_buckets, s3tables.client)
        denied = {"policy": "ForbiddenException"}
        assert found == [record("s3tables", "TableBucket", ARN, "lake", unknown=denied)]

    def test_raises_when_they_may_not_be_listed_instead_of_yielding_none(self, s3tables):
        s3tables.refuses("list_table_buckets", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="s3tables:ListTableBuckets"):
            list(collect_table_buckets(s3tables.client))
