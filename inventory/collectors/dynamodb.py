"""DynamoDB: tables and their streams, and the policies on both."""

from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord

_ARN: Final = "arn:{partition}:dynamodb:{region}:{account_id}:table/"


def collect_tables(dynamodb: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each table of a region and its newest stream, with their policies.

    One call a hundred tables; then two a table, and one a table that has a stream.
    AWS: dynamodb:ListTables, DescribeTable, GetResourcePolicy.
    """

    def list_tables() -> Iterator[str]:
        for page in dynamodb.pages("list_tables", Limit=100):
            yield from page["TableNames"]

    yield from read_resources(dynamodb, "dynamodb", list_tables, _table, id_of=str)


def _table(name: str, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    table = parts.client.call("describe_table", TableName=name)["Table"]
    arn: str = table["TableArn"]
    content = parts.policy("get_resource_policy", ResourceArn=arn)
    yield parts.record("table", arn, name, content)
    if stream := table.get("LatestStreamArn"):
        content = parts.policy("get_resource_policy", ResourceArn=stream)
        yield parts.record("stream", stream, name, content)


COLLECTORS = (
    Collector(
        name="data.dynamodb_tables",
        label="DynamoDB tables",
        scope=Scope.REGIONAL,
        service="dynamodb",
        actions=(
            Action(
                "dynamodb:ListTables",
                "tables",
                given={"Limit": 1},
                finds={"DynamoDB table": ("TableNames", 0)},
            ),
            Action(
                "dynamodb:DescribeTable",
                "each table's stream",
                given={"TableName": "{DynamoDB table}"},
            ),
            Action(
                "dynamodb:GetResourcePolicy",
                "policies of tables and streams",
                given={"ResourceArn": _ARN + "{DynamoDB table}"},
            ),
        ),
        read=alone(collect_tables),
        covers=resources("dynamodb", "table", "stream"),
    ),
)
