"""Kinesis: data streams and their consumers, and the policies on both."""

from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import POLICY

# What stands in the place of a policy where there is none.
_NONE: Final = frozenset({"", "{}"})


def collect_streams(kinesis: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each stream of a region and each of its consumers, with their policies.

    One call a thousand streams; then two a stream, and one a consumer.
    AWS: kinesis:ListStreams, ListStreamConsumers, GetResourcePolicy.
    """
    yield from read_resources(
        kinesis,
        "kinesis",
        lambda: kinesis.paginate("list_streams", "StreamSummaries", Limit=1000),
        _stream,
        id_of=lambda listed: str(listed["StreamARN"]),
    )


def _stream(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    arn: str = listed["StreamARN"]
    yield parts.record("stream", arn, listed["StreamName"], _policy(parts, arn))
    consumers = parts.client.paginate("list_stream_consumers", "Consumers", StreamARN=arn)
    for each in consumers:
        own: str = each["ConsumerARN"]
        name = f"{listed['StreamName']}/{each['ConsumerName']}"
        yield parts.record("consumer", own, name, _policy(parts, own))


def _policy(parts: ResourceParts, arn: str) -> str | None:
    def read(answer: AwsAnswer) -> str | None:
        text: str = answer["Policy"]
        return None if text.strip() in _NONE else text

    return parts.part(POLICY, "get_resource_policy", read, ResourceARN=arn)


COLLECTORS = (
    Collector(
        name="data.kinesis_streams",
        label="Kinesis streams",
        scope=Scope.REGIONAL,
        service="kinesis",
        actions=(
            Action(
                "kinesis:ListStreams",
                "streams",
                given={"Limit": 1},
                finds={"stream_arn": ("StreamSummaries", 0, "StreamARN")},
            ),
            Action(
                "kinesis:ListStreamConsumers",
                "each stream's consumers",
                given={"StreamARN": "{stream_arn}", "MaxResults": 1},
            ),
            Action(
                "kinesis:GetResourcePolicy",
                "policies of streams and consumers",
                given={"ResourceARN": "{stream_arn}"},
            ),
        ),
        read=alone(collect_streams),
        covers=resources("kinesis", "stream", "consumer"),
    ),
)
