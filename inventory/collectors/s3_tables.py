"""S3 Tables: table buckets and tables, and the policies on both."""

from collections.abc import Iterator

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord

_PAGE_SIZE = 1000


def collect_table_buckets(s3tables: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each table bucket of a region with its policy, and each table with one of its own.

    One call a thousand table buckets; then one a bucket, one a thousand tables and one a table.
    S3 Tables answers alike where there is no policy and where the bucket or table is gone.
    AWS: s3tables:ListTableBuckets, GetTableBucketPolicy, ListTables, GetTablePolicy.
    """
    yield from read_resources(
        s3tables,
        "s3tables",
        lambda: s3tables.paginate("list_table_buckets", "tableBuckets", maxBuckets=_PAGE_SIZE),
        _table_bucket,
        id_of=lambda listed: str(listed["arn"]),
        gone=(),
    )


def _table_bucket(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    arn: str = listed["arn"]
    content = parts.policy("get_table_bucket_policy", "resourcePolicy", tableBucketARN=arn)
    yield parts.record("TableBucket", arn, listed["name"], content)
    tables = parts.client.paginate(
        "list_tables", "tables", tableBucketARN=arn, maxTables=_PAGE_SIZE
    )
    for table in tables:
        namespace = ".".join(table["namespace"])
        content = parts.policy(
            "get_table_policy",
            "resourcePolicy",
            tableBucketARN=arn,
            namespace=namespace,
            name=table["name"],
        )
        if content is not None or parts.unknown:
            name = f"{listed['name']}/{namespace}/{table['name']}"
            yield parts.record("Table", table["tableARN"], name, content)


COLLECTORS = (
    Collector(
        name="data.s3_tables",
        label="S3 table buckets and tables",
        scope=Scope.REGIONAL,
        service="s3tables",
        actions=(
            Action(
                "s3tables:ListTableBuckets",
                "table buckets",
                given={"maxBuckets": 1},
                finds={"table bucket": ("tableBuckets", 0, "arn")},
            ),
            Action(
                "s3tables:GetTableBucketPolicy",
                "each table bucket's policy",
                given={"tableBucketARN": "{table bucket}"},
            ),
            Action(
                "s3tables:ListTables",
                "tables",
                given={"tableBucketARN": "{table bucket}", "maxTables": 1},
                finds={
                    "table in a table bucket": ("tables", 0, "name"),
                    "namespace in a table bucket": ("tables", 0, "namespace", 0),
                },
            ),
            Action(
                "s3tables:GetTablePolicy",
                "each table's policy",
                given={
                    "tableBucketARN": "{table bucket}",
                    "namespace": "{namespace in a table bucket}",
                    "name": "{table in a table bucket}",
                },
            ),
        ),
        read=alone(collect_table_buckets),
        covers=resources("s3tables", "TableBucket", "Table"),
    ),
)
