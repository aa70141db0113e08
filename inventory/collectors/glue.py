"""Glue: the data catalogue of an account in a region and its policy."""

from collections.abc import Iterator

from inventory.aws.client import AwsClient
from inventory.aws.errors import AwsNotFound
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, resources
from inventory.records import ResourcePolicyRecord


def collect_catalog(glue: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield the data catalogue of a region if it has a policy: every account has a catalogue.

    AWS: glue:GetResourcePolicy.
    """
    try:
        answer = glue.call("get_resource_policy")
    except AwsNotFound:
        return
    arn = f"arn:{glue.partition}:glue:{glue.region}:{glue.account_id}:catalog"
    yield ResourceParts(glue, "glue").record(
        "catalog", arn, glue.account_id, answer["PolicyInJson"]
    )


COLLECTORS = (
    Collector(
        name="data.glue_catalog",
        label="Glue data catalogue",
        scope=Scope.REGIONAL,
        service="glue",
        actions=(Action("glue:GetResourcePolicy", "the data catalogue's policy"),),
        read=alone(collect_catalog),
        covers=resources("glue", "catalog"),
    ),
)
